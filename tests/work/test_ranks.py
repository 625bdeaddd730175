"""Studies take turns, also when one lets thousands go that were planned long ago."""

from collections.abc import Callable

import pytest

from work import queue
from work.actions.runs import make_run, pause, resume, start
from work.claims import Plan
from work.models import Run

pytestmark = pytest.mark.django_db

OURS, THEIRS = "study:alps", "study:baltic"


def plan(scope: str, count: int, run: Run | None = None) -> None:
    queue.enqueue_many([Plan("echo", {scope: n}, {}, scope, run) for n in range(count)])


def done(count: int) -> list[str]:
    """The studies whose jobs are done next."""
    scopes = []
    for _ in range(count):
        claim = queue.claim("w")
        assert claim is not None
        with queue.finishing(claim):
            scopes.append(claim.scope)
    return scopes


def started_late() -> Callable[[], None]:
    run = make_run(scope=OURS, kind="echo", title="", plan={}, state=Run.State.PLANNED)
    plan(OURS, 10, run)
    return lambda: start(run=run, by="ada")


def resumed_late() -> Callable[[], None]:
    run = make_run(scope=OURS, kind="echo", title="", plan={})
    plan(OURS, 10, run)
    pause(run=run, by="ada")
    return lambda: resume(run=run, by="ada")


@pytest.mark.parametrize("held", [started_late, resumed_late])
def test_what_is_let_go_takes_turns(held: Callable[[], Callable[[], None]]) -> None:
    let_go = held()
    plan(THEIRS, 20)
    assert set(done(10)) == {THEIRS}

    let_go()

    assert done(8).count(THEIRS) == 4
