"""Two raters' answers crossed, with the units behind every cell."""

from typing import Any

import pytest

from annotation.agreement.answers import Answer, PolicyRefused
from annotation.agreement.collapsing import Policies
from annotation.agreement.crossed import Crossed, crossed
from annotation.agreement.document import agreement_document
from tests.annotation.agreement.factories import CHOICE, STEPS, judge, people


def document(answers: list[Answer]) -> dict[str, Any]:
    return agreement_document(
        study="s", stage="relevance", question=CHOICE, answers=answers, resamples=2
    )


ANSWERS = people("p", "aabc") + people("q", "ab-c") + judge("j", "abb?")


def met(one: str, other: str) -> Crossed:
    return crossed(CHOICE, ANSWERS, one, other, Policies(), {})


def test_cells_count_the_units_that_both_answered() -> None:
    found = met("p", "j")

    assert (found.labels, found.total) == (["a", "b"], 3)
    assert [found.count("a", "a"), found.count("a", "b"), found.count("b", "b")] == [1, 1, 1]


def test_a_rater_meets_the_majority_of_people() -> None:
    assert dict(met("majority", "j").units) == {("a", "a"): ["0"], ("b", "b"): ["2"]}


def test_a_person_meets_the_majority_of_the_others() -> None:
    panel = people("p", "aab") + people("q", "abb") + people("r", "bb-")
    found = crossed(CHOICE, panel, "majority", "p", Policies(), {})
    [row] = [row for row in document(panel)["raters"] if row["rater"] == "p"]

    # Of unit 0 the others gave one a and one b: no majority is left.
    assert dict(found.units) == {("b", "a"): ["1"], ("b", "b"): ["2"]}
    assert (found.total, found.without, row["compared"], row["n"]) == (2, "p", 2, 3)
    assert row["accuracy"] == 0.5


def test_a_rater_meets_the_mean_of_people() -> None:
    panel = people("p", ["low", "mid"]) + people("q", ["mid", "mid"]) + judge("j", ["mid", "mid"])
    found = crossed(STEPS, panel, "mean", "j", Policies(), {})

    assert dict(found.units) == {("0.5", "mid"): ["0"], ("mid", "mid"): ["1"]}


def test_items_of_a_cell_and_all_items_with_those_that_differ_first() -> None:
    found = met("p", "j")

    assert found.chosen("a", "b") == [("1", "a", "b")]
    assert [row[0] for row in found.chosen("", "")] == ["1", "0", "2"]


def test_a_name_that_nobody_has_is_refused() -> None:
    with pytest.raises(PolicyRefused, match='No rater is named "x"'):
        met("p", "x")
