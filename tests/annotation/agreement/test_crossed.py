"""Two raters' answers crossed, with the units behind every cell."""

import pytest

from annotation.agreement.answers import PolicyRefused
from annotation.agreement.collapsing import Policies
from annotation.agreement.crossed import Crossed, crossed
from tests.annotation.agreement.factories import CHOICE, judge, people

ANSWERS = people("p", "aabc") + people("q", "ab-c") + judge("j", "abb?")


def met(one: str, other: str) -> Crossed:
    return crossed(CHOICE, ANSWERS, one, other, Policies(), {})


def test_cells_count_the_units_that_both_answered() -> None:
    found = met("p", "j")

    assert (found.labels, found.total) == (["a", "b"], 3)
    assert [found.count("a", "a"), found.count("a", "b"), found.count("b", "b")] == [1, 1, 1]


def test_a_rater_meets_the_majority_of_people() -> None:
    assert dict(met("majority", "j").units) == {("a", "a"): ["0"], ("b", "b"): ["2"]}


def test_items_of_a_cell_and_all_items_with_those_that_differ_first() -> None:
    found = met("p", "j")

    assert found.chosen("a", "b") == [("1", "a", "b")]
    assert [row[0] for row in found.chosen("", "")] == ["1", "0", "2"]


def test_a_name_that_nobody_has_is_refused() -> None:
    with pytest.raises(PolicyRefused, match='No rater is named "x"'):
        met("p", "x")
