"""What the mock endpoint remembers: what it billed, what it counted, who came before their time."""

import json
import time
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bench.fakellm.replies import Scripted


@dataclass(frozen=True)
class Visit:
    """One question as it came in. `id` is the client's own name for it, else its body's digest."""

    id: str
    digest: str
    path: str
    model: str
    at: float = field(default_factory=time.time)


class Books:
    """Counts in memory, one byte on disk per billed call, and a line per request in a journal.

    Both files are written before the answer leaves and without a buffer: whatever was billed is
    known, though the server or its client be killed.
    """

    def __init__(self, count_file: Path | None = None, journal: Path | None = None) -> None:
        self.billed = 0
        self.in_flight = 0
        self.most_in_flight = 0
        self.early = 0
        self._seen: Counter[str] = Counter()
        self._not_before: dict[str, float] = {}
        self._count = count_file.open("ab", buffering=0) if count_file else None
        self._journal = journal.open("ab", buffering=0) if journal else None

    def begin(self, visit: Visit) -> bool:
        """Note an arrival; whether the same question had been told to come later."""
        self.in_flight += 1
        self.most_in_flight = max(self.most_in_flight, self.in_flight)
        self._seen["requests"] += 1
        is_early = visit.at < self._not_before.get(visit.digest, 0.0)
        self.early += is_early
        return is_early

    def end(self, visit: Visit, reply: Scripted, *, is_early: bool) -> None:
        """Note what it is answered, and bill it: a 200 costs, whatever becomes of its body."""
        self.in_flight -= 1
        is_billed = reply.status == 200
        self._seen[f"status {reply.status}"] += 1
        if reply.fault:
            self._seen[f"fault {reply.fault}"] += 1
        asked = _wait_of(reply.headers)
        if asked is not None:
            self._not_before[visit.digest] = time.time() + asked
        if is_billed:
            self._bill()
        self._write(visit, reply, {"billed": is_billed, "early": is_early, "retry_after": asked})

    def counters(self) -> dict[str, int]:
        """Everything counted since the start or the last reset."""
        return {
            **dict(sorted(self._seen.items())),
            "billed": self.billed,
            "early": self.early,
            "in_flight": self.in_flight,
            "most_in_flight": self.most_in_flight,
        }

    def reset(self) -> None:
        """Count anew; the files and who was told to wait stay as they are."""
        self._seen.clear()
        self.billed = self.early = 0
        self.most_in_flight = self.in_flight

    def close(self) -> None:
        """Close the files."""
        for file in (self._count, self._journal):
            if file:
                file.close()

    def _bill(self) -> None:
        self.billed += 1
        if self._count:
            self._count.write(b".")

    def _write(self, visit: Visit, reply: Scripted, facts: dict[str, Any]) -> None:
        if not self._journal:
            return
        line = {
            "at": round(visit.at, 4),
            "answered": round(time.time(), 4),
            "id": visit.id,
            "digest": visit.digest,
            "path": visit.path,
            "model": visit.model,
            "status": reply.status,
            "fault": reply.fault,
            **facts,
        }
        self._journal.write(json.dumps(line).encode() + b"\n")


def _wait_of(headers: Mapping[str, str]) -> float | None:
    """The seconds it told somebody to wait, as exactly as it said so."""
    milliseconds = _seconds(headers.get("retry-after-ms"))
    if milliseconds is not None:
        return milliseconds / 1000
    return _seconds(headers.get("Retry-After"))


def _seconds(header: str | None) -> float | None:
    try:
        seconds = float(header or "")
    except ValueError:
        return None
    return seconds if 0 < seconds < 1e6 else None
