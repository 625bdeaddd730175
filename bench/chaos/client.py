"""A program that uses the site while it burns: it plans runs, reads them, and writes down answers.

What was acknowledged must be there in the end; what was read of a run may never go back.
"""

import http.client
import json
import threading
import time
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from bench.chaos.material import ENDPOINT, KIND

PATIENCE_SECONDS = 30
RETRY_SECONDS = 0.2
"""Until it asks again where the site had no answer."""


@dataclass
class Journal:
    """What the site said."""

    acknowledged: dict[str, str] = field(default_factory=dict)
    """The run of each study whose plan was accepted."""
    seen: dict[str, int] = field(default_factory=dict)
    """Of each run how many jobs were done when it was last read."""
    answers: dict[int, int] = field(default_factory=dict)
    """By status; 0 for none."""
    went_back: int = 0
    """Reads that saw less done than an earlier one."""


class Client:
    """Runs in a thread of its own until told to stop; goes from one web process to the other."""

    def __init__(self, urls: list[str], tokens: dict[str, str], pause: float) -> None:
        self.journal = Journal()
        self._pause = pause
        self._urls = urls
        self._tokens = tokens
        self._asked = 0
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="client", daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def stop(self) -> Journal:
        """End; what was written down."""
        self._stop.set()
        self._thread.join(2 * PATIENCE_SECONDS)
        return self.journal

    def has_planned_all(self) -> bool:
        """Whether every study's run was acknowledged."""
        return len(self.journal.acknowledged) == len(self._tokens)

    def _run(self) -> None:
        while not self._stop.is_set():
            waiting = [slug for slug in self._tokens if slug not in self.journal.acknowledged]
            if waiting:
                self._plan(waiting[0])
            for slug, run in list(self.journal.acknowledged.items())[-5:]:
                self._read(slug, run)
            self._ask("GET", "", "/healthz")
            self._stop.wait(self._pause)

    def _plan(self, slug: str) -> None:
        body = {"kind": KIND, "endpoint": ENDPOINT}
        status, run = self._ask("POST", slug, "/runs/", body)
        if status == 202:
            self.journal.acknowledged[slug] = run["id"]

    def _read(self, slug: str, run: str) -> None:
        status, told = self._ask("GET", slug, f"/runs/{run}/")
        if status == 200:
            done = int(told["progress"]["done"])
            self.journal.went_back += done < self.journal.seen.get(run, 0)
            self.journal.seen[run] = done

    def _ask(self, method: str, slug: str, path: str, body: Any = None) -> tuple[int, Any]:
        self._asked += 1
        status, told = self._answer(method, slug, path, body)
        self.journal.answers[status] = self.journal.answers.get(status, 0) + 1
        if status in (0, 503):
            time.sleep(RETRY_SECONDS)
        return status, told

    def _answer(self, method: str, slug: str, path: str, body: Any) -> tuple[int, Any]:
        address = urlsplit(self._urls[self._asked % len(self._urls)]).netloc
        connection = http.client.HTTPConnection(address, timeout=PATIENCE_SECONDS)
        headers = {"Content-Type": "application/json"}
        if slug:
            path = f"/api/v1/studies/{slug}{path}"
            headers["Authorization"] = f"Bearer {self._tokens[slug]}"
        try:
            connection.request(method, path, None if body is None else json.dumps(body), headers)
            answer = connection.getresponse()
            text = answer.read()
            return answer.status, json.loads(text) if slug else None
        except (OSError, http.client.HTTPException, ValueError):
            return 0, None
        finally:
            connection.close()
