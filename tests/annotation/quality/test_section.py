"""The limits in a study document, and what is refused there."""

from typing import Any

import pytest
from django.core.exceptions import ValidationError

from annotation.quality.limits import Limits, limits_of
from tests.samples import make_study

pytestmark = pytest.mark.django_db


def test_limits_of_a_study_stand_in_its_document() -> None:
    study = make_study(stages={}, quality={"alpha": 0.05})

    assert limits_of(study.document) == Limits(alpha=0.05)


def test_study_without_limits_has_the_defaults() -> None:
    assert limits_of(make_study(stages={}).document) == Limits()


@pytest.mark.parametrize(("allowed", "limit"), [(1, 2), (2, 2), (3, 3), (5, 3)])
def test_limit_of_attempts_can_be_reached_with_those_that_are_allowed(
    allowed: int, limit: int
) -> None:
    options = [{"value": one, "label": {"en": one}, "correct": one == "a"} for one in "ab"]
    question = {"key": "sure", "wording": {"en": "?"}, "options": options}
    check = {"attempts": allowed, "questions": [question]}

    study = make_study(stages={}, comprehension=check)

    assert limits_of(study.document).comprehension == limit


@pytest.mark.parametrize(
    "section", [{"gold": 2}, {"golden": 0.5}, {"least": 0}, "strict", {"alpha": "low"}]
)
def test_limit_that_makes_no_sense_is_refused(section: Any) -> None:
    with pytest.raises(ValidationError, match="quality"):
        make_study(stages={}, quality=section)
