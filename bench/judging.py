"""Next + submit over HTTP: raters without think time, every answer kept in a ledger.

The job is the one that other annotation platforms were measured with: text-preference items of
about 1.8 kB (a prompt of 200 characters, two responses of 800), one judgment each.
"""

import http.client
import json
import random
import string
import threading
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from bench.site import Site

SLUG = "bench"


@dataclass
class Block:
    """What the raters of one timed block did."""

    next_ms: list[float] = field(default_factory=list)
    submit_ms: list[float] = field(default_factory=list)
    judged: list[str] = field(default_factory=list)
    errors: Counter[int] = field(default_factory=Counter)
    seconds: float = 0.0
    cpu_seconds: float = 0.0

    def as_row(self) -> dict[str, Any]:
        """The figures of the block."""
        count = len(self.judged)
        return {
            "judgments": count,
            "per_second": round(count / self.seconds, 1),
            "next_p50_ms": quantile(self.next_ms, 0.5),
            "next_p95_ms": quantile(self.next_ms, 0.95),
            "submit_p50_ms": quantile(self.submit_ms, 0.5),
            "submit_p95_ms": quantile(self.submit_ms, 0.95),
            "cpu_ms_per_judgment": round(1000 * self.cpu_seconds / max(count, 1), 1),
            "errors": dict(self.errors),
        }


def quantile(values: list[float], fraction: float) -> float:
    """The value below which so large a part lies; 0 of nothing."""
    ordered = sorted(values)
    return round(ordered[int(fraction * (len(ordered) - 1))], 1) if ordered else 0.0


def bundle_lines(count: int, seed: int = 7, slug: str = SLUG) -> Iterator[dict[str, Any]]:
    """A study of so many preference items, one place each."""
    draw = random.Random(seed)
    yield {"kind": "study", "id": slug, "document": study_document(slug)}
    for n in range(count):
        yield {"kind": "prompt", "id": f"q{n}", "text": words(draw, 200)}
        for side in "ab":
            yield {
                "kind": "response",
                "id": f"r{n}{side}",
                "prompt": f"q{n}",
                "text": words(draw, 800),
            }
        yield {
            "kind": "item",
            "id": f"i{n}",
            "stage": "response",
            "prompt": f"q{n}",
            "responses": [f"r{n}a", f"r{n}b"],
        }


def words(draw: random.Random, length: int) -> str:
    """A text of that length that looks like words."""
    letters = draw.choices(string.ascii_lowercase + "    ", k=length)
    return "".join(letters)


def study_document(slug: str = SLUG) -> dict[str, Any]:
    """A choice and a rating, as the other platforms were asked for."""
    sides = [("a", "first"), ("b", "second"), ("tie", "none")]
    preference = {
        "key": "preference",
        "kind": "pairwise",
        "scale": "nominal",
        "options": [
            {"value": value, "favours": side, "label": {"en": value}} for value, side in sides
        ],
        "wording": {"peer": {"en": "Which is better?"}},
    }
    rating = {
        "key": "rating",
        "kind": "slider",
        "scale": "interval",
        "min": 1,
        "max": 5,
        "step": 1,
        "wording": {"peer": {"en": "How sure are you?"}},
    }
    rubric = {"version": 1, "questions": [preference, rating]}
    return {
        "slug": slug,
        "title": {"en": "Bench"},
        "stages": {"response": {"overlap": {"peer": 1}, "rubric": rubric}},
    }


class Rater:
    """One rater's program: one kept-alive connection, one question after the other."""

    def __init__(
        self, site: Site, token: str, name: str, slug: str = SLUG, answers: Any = None
    ) -> None:
        self.connection = http.client.HTTPConnection("127.0.0.1", site.port, timeout=60)
        self.headers = {
            "Authorization": f"Bearer {token}",
            "Content-Type": "application/json",
        }
        self.name = name
        self.slug = slug
        self.answers = answers or {"preference": "a", "rating": 3}

    def post(self, path: str, body: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        """Send, and read the whole answer."""
        self.connection.request("POST", f"/api/v1{path}", json.dumps(body), self.headers)
        answer = self.connection.getresponse()
        text = answer.read()
        return answer.status, json.loads(text) if text else {}

    def next_task(self) -> tuple[int, dict[str, Any]]:
        """Ask for a task."""
        body = {"stage": "response", "rater": self.name}
        return self.post(f"/studies/{self.slug}/tasks/next/", body)

    def submit(
        self, task: dict[str, Any], *, wants_next: bool, key: str = ""
    ) -> tuple[int, dict[str, Any]]:
        """Answer it, always alike."""
        judgments = [{"item": item["id"], "answers": self.answers} for item in task["items"]]
        body = {"fence": task["fence"], "judgments": judgments, "next": wants_next}
        body |= {"key": key} if key else {}
        return self.post(f"/assignments/{task['assignment']}/submit/", body)


def judge_for(
    site: Site,
    token: str,
    *,
    raters: int,
    seconds: float,
    wants_next: bool,
    slug: str = SLUG,
    answers: dict[str, Any] | None = None,
) -> Block:
    """So many raters at once for so long."""
    block, lock = Block(), threading.Lock()
    deadline = time.monotonic() + seconds
    threads = [
        threading.Thread(
            target=_judge,
            args=(Rater(site, token, f"w{n}", slug, answers), block, lock, deadline, wants_next),
        )
        for n in range(raters)
    ]
    cpu, began = site.cpu_seconds(), time.monotonic()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    block.seconds = time.monotonic() - began
    block.cpu_seconds = site.cpu_seconds() - cpu
    return block


def _judge(
    rater: Rater, block: Block, lock: threading.Lock, deadline: float, wants_next: bool
) -> None:
    task: dict[str, Any] | None = None
    while time.monotonic() < deadline:
        if task is None:
            status, task, elapsed = _timed_next(rater)
            with lock:
                block.next_ms.append(elapsed)
            if status != 200:
                block.errors[status] += 1
                return
        began = time.monotonic()
        status, answer = rater.submit(task, wants_next=wants_next)
        with lock:
            block.submit_ms.append(1000 * (time.monotonic() - began))
            if status == 201:
                block.judged += [item["id"] for item in task["items"]]
            else:
                block.errors[status] += 1
        task = answer.get("next") if wants_next else None


def _timed_next(rater: Rater) -> tuple[int, dict[str, Any], float]:
    began = time.monotonic()
    status, task = rater.next_task()
    return status, task, 1000 * (time.monotonic() - began)
