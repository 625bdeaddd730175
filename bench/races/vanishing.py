"""Half of the raters take a place and never come back; the others must get all of them."""

import time
from typing import Any

from annotation.models import Assignment, Rater
from bench.races.material import make_race, make_raters
from bench.races.racing import Times, give_back_connection, run_together, submit, timed_claim
from bench.races.verdict import verdict
from studies.models import Study

GRACE_SECONDS = 60
ASKING_SECONDS = 0.5


def race(slug: str, raters: int, tasks: int, lease_minutes: float) -> dict[str, Any]:
    """Everybody takes one; half vanish; the rest go on until nothing is left or time is over."""
    study = make_race(slug, tasks, 1 + raters // tasks, lease_minutes)
    everybody = make_raters(study, raters)
    taking = run_together(study, everybody, _take)
    vanished, rest = everybody[::2], everybody[1::2]
    held = Assignment.objects.filter(study=study, state="leased", rater__in=vanished)
    ends = list(held.values_list("lease_until", flat=True))
    if len(ends) < len(vanished):
        return {"not everybody got a place": len(ends), "faults": dict(taking.faults)}
    latest = max(end for end in ends if end)
    deadline = time.time() + 60 * lease_minutes + GRACE_SECONDS

    def finish(study: Study, rater: Rater, times: Times) -> None:
        while time.time() < deadline and _is_left(study):
            place = timed_claim(study, rater, times)
            if place is None:
                time.sleep(ASKING_SECONDS)
            else:
                submit(place, rater)
                give_back_connection()

    times = run_together(study, rest, finish)
    last = Assignment.objects.filter(study=study, state="done").latest("finished_at").finished_at
    assert last
    return {
        "vanished with a place": len(ends),
        "seconds from the last lease's end to the last answer": round(
            (last - latest).total_seconds(), 1
        ),
        **times.as_row(),
        **verdict(study, 1 + raters // tasks),
    }


def _take(study: Study, rater: Rater, times: Times) -> None:
    timed_claim(study, rater, times)


def _is_left(study: Study) -> bool:
    """Whether a place waits for somebody, or for its lease to end."""
    left = Assignment.objects.filter(study=study, state__in=["free", "leased"])
    found = left.exists()
    give_back_connection()
    return found
