"""Scripted raters at work over HTTP: they take tasks and submit answers as any program does."""

import json
import threading
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from typing import Any
from urllib.parse import urlsplit

from annotation.simulation.answering import ROLE, ScriptedRater

PATIENCE_SECONDS = 60
MOST_REFUSALS = 3
"""After so many refusals a rater stops."""

Watcher = Callable[[int], None]
"""Told of every task done: how many judgments it had."""


class Unreachable(Exception):
    """The site does not answer, or does not let the token in."""


class Door:
    """One kept-alive connection to the site's API."""

    def __init__(self, url: str, token: str) -> None:
        parts = urlsplit(url)
        kind = HTTPSConnection if parts.scheme == "https" else HTTPConnection
        self.connection = kind(parts.hostname or "", parts.port, timeout=PATIENCE_SECONDS)
        self.path = f"{parts.path.rstrip('/')}/api/v1"
        self.headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}

    def post(self, path: str, body: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        """Send; status and document of the answer. Unreachable where none comes."""
        return self._ask("POST", path, json.dumps(body))

    def get(self, path: str) -> tuple[int, dict[str, Any]]:
        """Ask; status and document of the answer. Unreachable where none comes."""
        return self._ask("GET", path, None)

    def close(self) -> None:
        """Hang up."""
        self.connection.close()

    def _ask(self, method: str, path: str, body: str | None) -> tuple[int, dict[str, Any]]:
        try:
            self.connection.request(method, self.path + path, body, self.headers)
            answer = self.connection.getresponse()
            text = answer.read()
        except (OSError, HTTPException) as error:
            raise Unreachable(f"{self.connection.host} does not answer: {error}") from error
        document: Any = {}
        with suppress(ValueError):
            document = json.loads(text) if text else {}
        return answer.status, document if isinstance(document, dict) else {}


@dataclass
class Done:
    """What came of the raters' work."""

    tasks: int = 0
    judgments: int = 0
    by_profile: Counter[str] = field(default_factory=Counter)
    """Judgments."""
    refused: Counter[str] = field(default_factory=Counter)
    """Status and code of every answer that was neither a task nor stored."""

    def add(self, other: "Done") -> None:
        """Count what another thread did as well."""
        self.tasks += other.tasks
        self.judgments += other.judgments
        self.by_profile += other.by_profile
        self.refused += other.refused


@dataclass(frozen=True)
class Work:
    """Where the raters work, and how much."""

    url: str
    token: str
    slug: str
    stages: Sequence[str]
    threads: int = 1
    most_tasks: int | None = None
    """Per rater and stage."""


def check_door(work: Work) -> None:
    """Raise Unreachable unless the site answers there and knows the study."""
    door = Door(work.url, work.token)
    status, answer = door.get(f"/studies/{work.slug}/")
    door.close()
    if status != 200:
        sentence = (answer.get("error") or {}).get("message", "")
        raise Unreachable(f"{work.url} answered {status}. {sentence}".strip())


def drive(work: Work, raters: Sequence[ScriptedRater], watch: Watcher) -> Done:
    """Let all raters work until nothing is left for them, stage by stage.

    Raters of one thread take turns, a task at a time; with one thread the course is repeatable as
    far as the site's own drawing is.
    """
    done, lock = Done(), threading.Lock()
    failures: list[Exception] = []

    def shift(team: Sequence[ScriptedRater]) -> None:
        try:
            own = _shift(work, team, watch)
        except Unreachable as failure:
            failures.append(failure)
            return
        with lock:
            done.add(own)

    teams = [raters[number :: work.threads] for number in range(work.threads)]
    threads = [threading.Thread(target=shift, args=(team,)) for team in teams if team]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if failures:
        raise failures[0]
    return done


def _shift(work: Work, team: Sequence[ScriptedRater], watch: Watcher) -> Done:
    done, door = Done(), Door(work.url, work.token)
    try:
        for stage in work.stages:
            _stage(work, stage, team, door, done, watch)
    finally:
        door.close()
    return done


def _stage(
    work: Work,
    stage: str,
    team: Sequence[ScriptedRater],
    door: Door,
    done: Done,
    watch: Watcher,
) -> None:
    waiting = list(team)
    turns = 0
    refusals: Counter[str] = Counter()
    while waiting and turns != work.most_tasks:
        turns += 1
        for rater in list(waiting):
            count = _turn(work, stage, rater, door, done)
            if count:
                watch(count)
            elif count is None:
                refusals[rater.script.name] += 1
            if count == 0 or refusals[rater.script.name] >= MOST_REFUSALS:
                waiting.remove(rater)


def _turn(work: Work, stage: str, rater: ScriptedRater, door: Door, done: Done) -> int | None:
    """One task; how many judgments it had, 0 when there was none, None when it was refused."""
    asked = {"stage": stage, "role": ROLE, "rater": rater.script.name}
    status, task = door.post(f"/studies/{work.slug}/tasks/next/", asked)
    if status == 204:
        return 0
    if status != 200:
        _count_refusal(done, status, task)
        return None
    place = task["assignment"]
    body = {"fence": task["fence"], "judgments": rater.answer(task), "key": place}
    status, answer = door.post(f"/assignments/{place}/submit/", body)
    if status != 201:
        _count_refusal(done, status, answer)
        return None
    count = len(answer["judgments"])
    done.tasks += 1
    done.judgments += count
    done.by_profile[rater.script.profile] += count
    return count


def _count_refusal(done: Done, status: int, answer: dict[str, Any]) -> None:
    code = (answer.get("error") or {}).get("code", "")
    done.refused[f"{status} {code}".strip()] += 1
