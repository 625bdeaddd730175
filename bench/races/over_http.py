"""The same race over HTTP: raters that think for up to two seconds before they answer."""

import random
import threading
import time
from typing import Any

from bench.judging import Rater
from bench.races.material import make_race
from bench.races.racing import Times
from bench.races.verdict import verdict
from bench.site import Site
from studies.actions.tokens import create_token
from studies.models import User

LONGEST_THOUGHT = 2.0
LONGEST = 600


def race(site: Site, slug: str, raters: int, tasks: int, places: int) -> dict[str, Any]:
    """One race to the end."""
    study = make_race(slug, tasks, places)
    user = User.objects.create_superuser(f"runs-{slug}")
    token = create_token(user=user, study=study, scope="manage")
    times, barrier = Times(), threading.Barrier(raters + 1)
    threads = [
        threading.Thread(target=_judge, args=(site, token, slug, n, times, barrier), daemon=True)
        for n in range(raters)
    ]
    for thread in threads:
        thread.start()
    barrier.wait()
    began = time.monotonic()
    for thread in threads:
        thread.join(LONGEST)
    times.seconds = time.monotonic() - began
    return times.as_row() | verdict(study, places)


def _judge(
    site: Site, token: str, slug: str, number: int, times: Times, barrier: threading.Barrier
) -> None:
    draw = random.Random(number)
    rater = Rater(site, token, f"w{number}", slug, {"preference": "1"})
    barrier.wait()
    while True:
        time.sleep(draw.uniform(0, LONGEST_THOUGHT))
        began = time.monotonic()
        status, task = rater.next_task()
        times.claims.append(1000 * (time.monotonic() - began))
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
