"""Raters who send each answer one to five times at once and change some of them afterwards."""

import http.client
import os
import random
import signal
import threading
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

from django.db import connection

from annotation.actions.assignments import claim_next
from annotation.actions.judgments import Entry, revise_assignment
from annotation.models import Assignment, Rater
from annotation.screens import screen_of
from bench.judging import Rater as Program
from bench.races.material import make_race, make_raters
from bench.site import Site, answers, family
from bench.submits.verdict import verdict
from studies.actions.tokens import create_token
from studies.models import Study, User

SLUG = "submits"
MOST_COPIES = 5
SHARE_REVISED = 0.2
PATIENCE_SECONDS = 120
PAUSE_SECONDS = 0.2
WAIT_SECONDS = 15
"""For an answer; a process that was killed gives none."""


@dataclass
class Journal:
    """What the site has answered: kept by the sender, whatever becomes of the site."""

    acknowledged: dict[str, set[str]] = field(default_factory=dict)
    """Place → refs of the judgments that it was told are stored."""
    answers: Counter[str] = field(default_factory=Counter)
    """By status, or the name of what broke the connection."""
    lock: threading.Lock = field(default_factory=threading.Lock)

    def note(self, place: str, status: int | str, refs: list[str]) -> None:
        """One answer."""
        with self.lock:
            self.answers[str(status)] += 1
            if refs:
                self.acknowledged.setdefault(place, set()).update(refs)

    def has(self, place: str) -> bool:
        """Whether any copy was acknowledged."""
        return place in self.acknowledged


def sent(site: Site, *, count: int, at_once: int, kill_seconds: float, seed: int) -> dict[str, Any]:
    """All answers, while a killer is about; then what the database says."""
    study = make_race(SLUG, count, 1)
    user = User.objects.create_superuser("sends")
    token = create_token(user=user, study=study, scope="manage")
    journal, over = Journal(), threading.Event()
    kills: list[int] = []
    killer = threading.Thread(target=_kill, args=(site, kill_seconds, seed, over, kills))
    killer.start()
    began = time.monotonic()
    threads = [
        threading.Thread(target=_work, args=(site, token, study, rater, journal, seed + number))
        for number, rater in enumerate(make_raters(study, at_once))
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    over.set()
    killer.join()
    return {
        "seconds": round(time.monotonic() - began, 1),
        "web processes killed": len(kills),
        "answers of the site": dict(journal.answers),
        **verdict(study, journal.acknowledged),
    }


def _kill(site: Site, seconds: float, seed: int, over: threading.Event, kills: list[int]) -> None:
    """Kill one of the web server's children now and then; the server starts another.

    Not before the site answers again: else nothing would be there to be killed in the act.
    """
    draw = random.Random(seed)
    while not over.wait(seconds):
        if not answers(f"{site.url}/healthz"):
            continue
        children = [pid for pid in family(site.web) if pid != site.web]
        if children:
            kills.append(draw.choice(children))
            os.kill(kills[-1], signal.SIGKILL)


def _work(site: Site, token: str, study: Study, rater: Rater, journal: Journal, seed: int) -> None:
    draw = random.Random(seed)
    with ThreadPoolExecutor(MOST_COPIES) as copies:
        while place := claim_next(study=study, stage="response", role="peer", rater=rater):
            items = [{"id": shown.ref} for shown in screen_of(place).items]
            task = {"assignment": str(place.id), "fence": place.fence, "items": items}
            connection.close()
            _send(copies, draw.randint(1, MOST_COPIES), site, token, task, journal)
            if draw.random() < SHARE_REVISED:
                _change(copies, draw.randint(1, MOST_COPIES), place, rater, items[0]["id"])
    connection.close()


def _send(
    copies: ThreadPoolExecutor,
    count: int,
    site: Site,
    token: str,
    task: dict[str, Any],
    journal: Journal,
) -> None:
    """All copies at once, and once more as long as nothing was acknowledged."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not journal.has(task["assignment"]):
        for done in [copies.submit(_copy, site, token, task, journal) for _ in range(count)]:
            done.result()
        if journal.has(task["assignment"]):
            return
        if time.monotonic() > deadline:
            raise SystemExit("the site did not come back")
        time.sleep(PAUSE_SECONDS)


def _change(
    copies: ThreadPoolExecutor, count: int, place: Assignment, rater: Rater, item: str
) -> None:
    """Some changes at once, by the action that a rater's page calls; programs cannot ask for it."""
    for done in [copies.submit(_revise, place, rater, item) for _ in range(count)]:
        done.result()


def _revise(place: Assignment, rater: Rater, item: str) -> None:
    entries = [Entry(item=item, answers={"preference": "2"})]
    try:
        revise_assignment(assignment_id=place.id, rater=rater, entries=entries)
    finally:
        connection.close()


def _copy(site: Site, token: str, task: dict[str, Any], journal: Journal) -> None:
    program = Program(site, token, "", SLUG, {"preference": "1"})
    program.connection.timeout = WAIT_SECONDS
    try:
        status, answer = program.submit(task, wants_next=False, key=task["assignment"])
        refs = answer.get("judgments", []) if status == 201 else []
        journal.note(task["assignment"], status, refs)
    except (OSError, http.client.HTTPException, ValueError) as fault:
        journal.note(task["assignment"], type(fault).__name__, [])
    finally:
        program.connection.close()
