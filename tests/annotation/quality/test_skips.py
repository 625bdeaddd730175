"""Passing on what has a known answer is seen, and judged by what else somebody passes on."""

import pytest

from annotation.actions.assignments import skip_assignment
from annotation.models import Rater
from annotation.quality.document import rater_document, raters_document
from studies.models import Study
from tests.annotation.test_disputes import study_with
from tests.annotation.working import claim, rater, work

pytestmark = pytest.mark.django_db
GOLD = [
    {
        "prompt": f"q{number:04}",
        "responses": [f"q{number:04}-generic", f"q{number:04}-all"],
        "expected": {"preference": "1"},
    }
    for number in range(4)
]


def practised() -> Study:
    """Four gold items come before six others."""
    return study_with(10, 1, gold={"practice": 4, "items": GOLD})


def pass_on(study: Study, who: Rater, count: int) -> None:
    for _ in range(count):
        place = claim(study, who)
        assert place
        skip_assignment(assignment_id=place.pk, rater=who, fence=place.fence, reason="too long")


def test_who_skips_all_gold_is_flagged_with_the_reasons() -> None:
    study = practised()
    pass_on(study, rater(study, "w1"), 4)
    work(study, rater(study, "w1"), 2)

    card = rater_document(study, "w1")
    signal = next(one for one in card["signals"] if one["signal"] == "skips")

    assert "skips" in card["flags"]
    assert (signal["value"], signal["n"], signal["is_flag"]) == (1.0, 4, True)
    assert [row["reason"] for row in signal["skipped"]] == ["too long"] * 4


def test_who_skips_everything_is_not_flagged_for_gold() -> None:
    study = practised()
    pass_on(study, rater(study, "w1"), 6)

    assert raters_document(study)["raters"][0]["flags"] == []


def test_who_answers_gold_shows_no_skips() -> None:
    study = practised()
    work(study, rater(study, "w1"), 5)

    card = rater_document(study, "w1")
    assert next(one["value"] for one in card["signals"] if one["signal"] == "skips") == 0.0
