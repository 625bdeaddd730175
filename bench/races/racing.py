"""Raters that begin at one moment, each a thread that calls the action until nothing is left."""

import threading
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db import connection

from annotation.actions.assignments import claim_next
from annotation.actions.judgments import Entry, submit_assignment
from annotation.models import Assignment, Rater
from annotation.screens import screen_of
from bench.judging import quantile
from bench.races.material import make_race, make_raters
from bench.races.verdict import verdict
from studies.models import Study

LONGEST = 600


@dataclass
class Times:
    """How long the raters of one race waited, in milliseconds, and what went wrong."""

    claims: list[float] = field(default_factory=list)
    submits: list[float] = field(default_factory=list)
    faults: Counter[str] = field(default_factory=Counter)
    seconds: float = 0.0

    def as_row(self) -> dict[str, Any]:
        """Their quantiles."""
        return {
            "claims": len(self.claims),
            "claim p50, p95, p99, longest, ms": spread(self.claims),
            "submit p50, p95, p99, longest, ms": spread(self.submits),
            "faults": dict(self.faults),
            "seconds": round(self.seconds, 1),
        }


def spread(values: Sequence[float]) -> list[float]:
    """p50, p95, p99 and the longest."""
    return [quantile(list(values), part) for part in (0.5, 0.95, 0.99, 1)]


def race(slug: str, raters: int, tasks: int, places: int) -> dict[str, Any]:
    """One race to the end, and what it came to."""
    study = make_race(slug, tasks, places)
    times = run_together(study, make_raters(study, raters), judge_until_nothing_is_left)
    return times.as_row() | verdict(study, places)


Work = Callable[[Study, Rater, Times], None]


def run_together(study: Study, raters: Sequence[Rater], work: Work) -> Times:
    """Let all raters begin at one moment, and wait for the last."""
    times, barrier = Times(), threading.Barrier(len(raters) + 1)

    def run(rater: Rater) -> None:
        barrier.wait()
        try:
            work(study, rater, times)
        except Exception as fault:
            times.faults[f"{type(fault).__name__}: {fault}"[:120]] += 1
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(rater,), daemon=True) for rater in raters]
    for thread in threads:
        thread.start()
    barrier.wait()
    began = time.monotonic()
    for thread in threads:
        thread.join(LONGEST)
    times.seconds = time.monotonic() - began
    return times


def judge_until_nothing_is_left(study: Study, rater: Rater, times: Times) -> None:
    """Ask and submit like one rater's program."""
    while place := timed_claim(study, rater, times):
        began = time.monotonic()
        submit(place, rater)
        times.submits.append(1000 * (time.monotonic() - began))
        give_back_connection()


def timed_claim(study: Study, rater: Rater, times: Times) -> Assignment | None:
    """The next place, with the wait for one of the pool's connections."""
    began = time.monotonic()
    place = claim_next(study=study, stage="response", role="peer", rater=rater)
    times.claims.append(1000 * (time.monotonic() - began))
    give_back_connection()
    return place


def submit(place: Assignment, rater: Rater) -> None:
    """Prefer the first."""
    (shown,) = screen_of(place).items
    submit_assignment(
        assignment_id=place.id,
        rater=rater,
        fence=place.fence,
        entries=[Entry(item=shown.ref, answers={"preference": "1"})],
    )


def give_back_connection() -> None:
    """As after each visit of the site: others wait for one of the pool's, too."""
    if connection.vendor != "sqlite":
        connection.close()
