"""Answers that are sent several times at once while web processes are killed, in small."""

from collections.abc import Callable
from pathlib import Path

import pytest

from bench.submits.sending import sent
from tests.annotation.web_processes import web_processes

ANSWERS, EACH = 45, 15


@pytest.mark.chaos
@pytest.mark.django_db(transaction=True)
def test_what_was_acknowledged_is_found_once_whoever_is_killed(
    tmp_path: Path, record_property: Callable[[str, object], None]
) -> None:
    with web_processes(tmp_path, count=2) as (site, web):
        report = sent(site, web, count=ANSWERS, at_once=4, seed=1, kill_answers=EACH)

    told = {name: report.pop(name) for name in ("seconds", "answers of the site", "stored")}
    revisions = report.pop("of them revisions")
    record_property("sent again", told)
    assert report == {
        "web processes killed": ANSWERS // EACH,
        "answers acknowledged": ANSWERS,
        "lost": 0,
        "acknowledged under two names": 0,
        "places with two answers": 0,
        "gaps in revisions": 0,
        "places not done": 0,
    }
    assert told["stored"] == ANSWERS + revisions
