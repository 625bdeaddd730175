"""Jobs of a kind that does what the test says."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from work import liveness, queue, registry
from work.claims import Claim
from work.models import Job

Enqueue = Callable[..., Job]


@pytest.fixture
def enqueue() -> Enqueue:
    """Enqueue a job, numbered so that each is another, unless its key is given."""
    made: list[Job] = []

    def enqueue_one(**fields: Any) -> Job:
        number = len(made)
        plan = {"kind": "echo", "key": {"number": number}, "payload": {}, "scope": "study:alps"}
        made.append(queue.enqueue(**(plan | fields)))
        return made[-1]

    return enqueue_one


@pytest.fixture
def handled_by() -> Iterator[Callable[[Callable[[Claim], None]], None]]:
    """Let a function handle the jobs of the kind `echo` during the test."""
    yield lambda handler: registry.register("echo", handler)
    registry._handlers.pop("echo", None)


@pytest.fixture(autouse=True)
def _memory_as_it_was(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(liveness, "_last_beat", {})
    monkeypatch.setattr(registry, "_claim_hooks", registry.claim_hooks())
    monkeypatch.setattr(registry, "_late_hooks", registry.late_hooks())
    monkeypatch.setattr(registry, "_periodics", {each.name: each for each in registry.periodics()})
