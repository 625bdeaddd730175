"""Answers that were changed: which of them tells of a rater, and whose time counts."""

from typing import Any

import pytest

from annotation.models import Item, Judgment, Rater, TaskItem
from annotation.quality.document import rater_document, raters_document
from studies.models import Study
from tests.annotation.judged import peer_of, say
from tests.annotation.quality.studies_made import COUNT, items_of, study_of_four
from tests.samples import PREFERENCE, make_pairs, make_study

pytestmark = pytest.mark.django_db


def change(rater: Rater, items: list[Item], said: str, **changes: object) -> None:
    """The rater answers all of them again."""
    for item in items:
        say(rater, item, said, role="peer", revision=2, **changes)


def row_of(study: Study, rater: str) -> dict[str, Any]:
    return next(row for row in raters_document(study)["raters"] if row["rater"] == rater)


def signal(study: Study, rater: str, name: str) -> dict[str, Any]:
    return next(one for one in rater_document(study, rater)["signals"] if one["signal"] == name)


def test_change_is_no_further_judgment_and_the_last_answer_is_compared() -> None:
    study = study_of_four()
    before = row_of(study, "w9")["agreement"]["value"]

    for number, item in enumerate(items_of(study)):
        change(peer_of(study, 9), [item], "1" if number % 2 else "2")

    row = row_of(study, "w9")
    assert (row["judgments"], before < 0.1, row["agreement"]["value"] > 0.5) == (COUNT, True, True)


def test_short_look_at_an_answer_again_is_not_too_fast() -> None:
    study = study_of_four()
    change(peer_of(study, 0), items_of(study), "tie", seconds=0.1, idle_seconds=0.0)

    row = row_of(study, "w0")

    assert (row["seconds"], "too_fast" in row["flags"]) == (20, False)


def test_gold_that_was_changed_counts_as_it_was_answered_first() -> None:
    study = study_of_four()
    TaskItem.objects.update(purpose="gold", expected={"preference": "tie"})
    change(peer_of(study, 9), items_of(study), "tie")

    gold = signal(study, "w9", "gold")

    assert (gold["value"], gold["n"]) == (0.0, COUNT)
    assert gold["judgments"][0]["answers"][0]["answer"] == "1"


def test_pasted_text_counts_in_whichever_revision_it_came() -> None:
    study = study_of_four()
    rater, items = peer_of(study, 0), items_of(study)[:4]
    change(rater, items, "1", pasted=90)
    for item in items:
        say(rater, item, "2", role="peer", revision=3, pasted=0)

    assert signal(study, "w0", "pasted")["value"] == 4


def test_first_revision_is_told_by_its_number_where_times_are_equal() -> None:
    study = make_study(stages={"response": {"rubric": PREFERENCE}})
    make_pairs(study, 1)
    (item,), rater = items_of(study), peer_of(study, 0)
    for revision in (3, 1, 2):
        say(rater, item, "1", role="peer", revision=revision, seconds=revision)
    Judgment.objects.update(submitted_at="2026-11-01T10:00:00Z")

    assert row_of(study, "w0")["seconds"] == 1
