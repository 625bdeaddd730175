"""Raters who send each answer one to five times at once and change some of them afterwards."""

import http.client
import itertools
import random
import threading
import time
from collections import Counter
from collections.abc import Iterator
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
from bench.site import Site
from bench.submits.killing import Killer, strike_every
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


@dataclass(frozen=True)
class Sending:
    """All that those who send share."""

    site: Site
    token: str
    study: Study
    killer: Killer
    kill_answers: int | None
    """A web process is killed in the middle of each so manieth answer; None: at other times."""
    journal: Journal = field(default_factory=Journal)
    numbers: Iterator[int] = field(default_factory=itertools.count)

    def is_killing(self) -> bool:
        """Whether the answer that is sent now is one of those."""
        if not self.kill_answers:
            return False
        with self.journal.lock:
            return next(self.numbers) % self.kill_answers == self.kill_answers // 2


def sent(
    site: Site,
    killer: Killer,
    *,
    count: int,
    at_once: int,
    seed: int,
    kill_seconds: float | None = None,
    kill_answers: int | None = None,
) -> dict[str, Any]:
    """All answers, while a killer is about; then what the database says.

    It strikes every `kill_seconds`, or while the copies of each `kill_answers`th answer are sent,
    which is as often on any machine.
    """
    study = make_race(SLUG, count, 1)
    token = create_token(user=User.objects.create_superuser("sends"), study=study, scope="manage")
    sending = Sending(site, token, study, killer, kill_answers)
    over, by_the_clock = threading.Event(), []
    if kill_seconds:
        striking = (killer, kill_seconds, over)
        by_the_clock = [threading.Thread(target=strike_every, args=striking)]
    raters = [
        threading.Thread(target=_work, args=(sending, rater, seed + number))
        for number, rater in enumerate(make_raters(study, at_once))
    ]
    began = time.monotonic()
    for thread in [*by_the_clock, *raters]:
        thread.start()
    for thread in raters:
        thread.join()
    over.set()
    for thread in by_the_clock:
        thread.join()
    return {
        "seconds": round(time.monotonic() - began, 1),
        "web processes killed": len(killer.kills),
        "answers of the site": dict(sending.journal.answers),
        **verdict(study, sending.journal.acknowledged),
    }


def _work(sending: Sending, rater: Rater, seed: int) -> None:
    draw = random.Random(seed)
    whose = {"study": sending.study, "stage": "response", "role": "peer", "rater": rater}
    with ThreadPoolExecutor(MOST_COPIES) as copies:
        while place := claim_next(**whose):  # type: ignore[arg-type]
            items = [{"id": shown.ref} for shown in screen_of(place).items]
            task = {"assignment": str(place.id), "fence": place.fence, "items": items}
            connection.close()
            _send(sending, copies, draw.randint(1, MOST_COPIES), task)
            if draw.random() < SHARE_REVISED:
                _change(copies, draw.randint(1, MOST_COPIES), place, rater, items[0]["id"])
    connection.close()


def _send(sending: Sending, copies: ThreadPoolExecutor, count: int, task: dict[str, Any]) -> None:
    """All copies at once, and once more as long as nothing was acknowledged."""
    journal, is_killing = sending.journal, sending.is_killing()
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not journal.has(task["assignment"]):
        under_way = [copies.submit(_copy, sending, task) for _ in range(count)]
        if is_killing:
            sending.killer.strike()
            is_killing = False
        for done in under_way:
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


def _copy(sending: Sending, task: dict[str, Any]) -> None:
    journal = sending.journal
    program = Program(sending.site, sending.token, "", SLUG, {"preference": "1"})
    program.connection.timeout = WAIT_SECONDS
    try:
        status, answer = program.submit(task, wants_next=False, key=task["assignment"])
        refs = answer.get("judgments", []) if status == 201 else []
        journal.note(task["assignment"], status, refs)
    except (OSError, http.client.HTTPException, ValueError) as fault:
        journal.note(task["assignment"], type(fault).__name__, [])
    finally:
        program.connection.close()
