"""The same race over HTTP: raters that think for up to two seconds before they answer.

A program's rater is made at its first claim, so that first claims are told apart from later ones.
"""

import itertools
import random
import threading
import time
from dataclasses import dataclass, field
from typing import Any

from bench.judging import Rater
from bench.races.material import make_race
from bench.races.racing import Times, spread
from bench.races.verdict import verdict
from bench.site import Site
from studies.actions.tokens import create_token
from studies.models import User

LONGEST_THOUGHT = 2.0
LONGEST = 600
WARMING = "warming"
COLD = "no: the first claims are the first requests of this kind"
WARM = "yes: before the barrier each rater asked once for a task, under another name elsewhere"


@dataclass
class ClaimTimes(Times):
    """The same with those claims apart that made their rater."""

    firsts: list[float] = field(default_factory=list)

    def as_row(self) -> dict[str, Any]:
        """Their quantiles; `claim` is of all."""
        later = list(self.claims)
        self.claims = [*self.firsts, *later]
        row = super().as_row()
        self.claims = later
        return row | {
            "first claims p50, p95, p99, longest, ms": spread(self.firsts),
            "later claims p50, p95, p99, longest, ms": spread(later),
        }


@dataclass(frozen=True)
class Course:
    """What the raters of a race have in common."""

    site: Site
    token: str
    slug: str
    is_warmed: bool
    barrier: threading.Barrier
    times: ClaimTimes


def race(
    site: Site, slug: str, raters: int, tasks: int, places: int, *, is_warmed: bool = False
) -> dict[str, Any]:
    """One race to the end; the report says whether the server was warmed before."""
    study = make_race(slug, tasks, places)
    if is_warmed:
        make_race(WARMING, raters, 1)
    user = User.objects.create_superuser(f"runs-{slug}")
    token = create_token(user=user, study=None if is_warmed else study, scope="manage")
    times, barrier = ClaimTimes(), threading.Barrier(raters + 1)
    course = Course(site, token, slug, is_warmed, barrier, times)
    threads = [
        threading.Thread(target=_judge, args=(course, n), daemon=True) for n in range(raters)
    ]
    for thread in threads:
        thread.start()
    barrier.wait()
    began = time.monotonic()
    for thread in threads:
        thread.join(LONGEST)
    times.seconds = time.monotonic() - began
    warmed = {"the server was warmed": WARM if is_warmed else COLD}
    return warmed | times.as_row() | verdict(study, places)


def _judge(course: Course, number: int) -> None:
    draw, times = random.Random(number), course.times
    if course.is_warmed:
        Rater(course.site, course.token, f"warms-{number}", WARMING).next_task()
    rater = Rater(course.site, course.token, f"w{number}", course.slug, {"preference": "1"})
    course.barrier.wait()
    for claims in itertools.chain([times.firsts], itertools.repeat(times.claims)):
        time.sleep(draw.uniform(0, LONGEST_THOUGHT))
        began = time.monotonic()
        status, task = rater.next_task()
        claims.append(1000 * (time.monotonic() - began))
        if status != 200:
            _note(times, "next", status, accepted=204)
            return
        time.sleep(draw.uniform(0, LONGEST_THOUGHT))
        began = time.monotonic()
        status, _ = rater.submit(task, wants_next=False)
        times.submits.append(1000 * (time.monotonic() - began))
        _note(times, "submit", status, accepted=201)


def _note(times: Times, what: str, status: int, *, accepted: int) -> None:
    if status != accepted:
        times.faults[f"{what} answered {status}"] += 1
