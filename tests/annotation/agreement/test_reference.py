import math

import pytest

from annotation.agreement.answers import Answer, PolicyRefused, Question
from annotation.agreement.cells import tabulate
from annotation.agreement.collapsing import Collapse, Policies
from annotation.agreement.reference import BETWEEN, NO_LABEL, Referee
from tests.annotation.agreement.factories import CHOICE, SLIDER, STEPS, judge, people

A, B, C = 0, 1, 2


def referee(question: Question, answers: list[Answer], who: str) -> Referee:
    cells = tabulate(question, Collapse(question, Policies()).cells(answers))
    return Referee(question, cells, [view.rater for view in cells.views], who)


def labels(answers: list[Answer], who: str, without: str | None = None) -> list[int]:
    return list(referee(CHOICE, answers, who).reference(without).labels)


def test_majority_is_the_most_frequent_answer_of_people() -> None:
    panel = people("p", "aab-") + people("q", "abb-") + people("r", "bcb-")

    machines = judge("j", "bccc") + judge("k", "bccc") + judge("l", "bccc")

    assert labels(panel + machines, "majority") == [A, NO_LABEL, B, NO_LABEL]


def test_majority_needs_no_absolute_majority() -> None:
    panel = people("p", "a") + people("q", "a") + people("r", "b") + people("s", "c")

    assert labels(panel, "majority") == [A]


def test_majority_of_aggregates_is_none() -> None:
    published = Answer("0", "mean", "peer", "aggregate", "a")

    assert labels([published], "majority") == [NO_LABEL]


def test_reference_without_a_rater_leaves_out_their_vote() -> None:
    panel = people("p", "ab") + people("q", "bb") + people("r", "aa")

    assert labels(panel, "majority", without="p") == [NO_LABEL, NO_LABEL]


def test_owner_reference_is_the_owners_answer() -> None:
    panel = people("o", "ab", role="owner") + people("p", "bbb") + people("q", "bbb")

    assert labels(panel, "owner") == [A, B, NO_LABEL]


def test_a_rater_of_any_kind_may_be_the_reference() -> None:
    published = Answer("0", "published", "peer", "aggregate", "c")

    answers = [published, *people("p", "ab"), *judge("j", "bb")]

    assert [labels(answers, who) for who in ("published", "j")] == [[C, NO_LABEL], [B, B]]


def test_an_undecided_reference_rater_is_no_reference() -> None:
    assert labels(judge("j", "a") + judge("j", "b", swapped=True), "j") == [NO_LABEL]


def test_an_unknown_rater_is_refused() -> None:
    with pytest.raises(PolicyRefused, match='No rater is named "nobody"'):
        labels(people("p", "a"), "nobody")


@pytest.mark.parametrize("who", ["mean", "median"])
def test_a_nominal_question_has_no_centre(who: str) -> None:
    with pytest.raises(PolicyRefused, match=f"has no {who}"):
        labels(people("p", "a"), who)


@pytest.mark.parametrize(("who", "numbers"), [("mean", [20.0, 0.0]), ("median", [15.0, 0.0])])
def test_mean_and_median_are_of_the_peoples_numbers(who: str, numbers: list[float]) -> None:
    panel = people("p", [10, 0]) + people("q", [15]) + people("r", [35]) + judge("j", [90, 90])

    assert list(referee(SLIDER, panel, who).reference().numbers) == numbers


def test_the_mean_of_ranks_may_lie_between_two_labels() -> None:
    panel = people("p", ["low", "mid", None]) + people("q", ["mid", "mid", None])

    reference = referee(STEPS, panel + judge("j", ["low"] * 3), "mean").reference()

    assert list(reference.labels) == [BETWEEN, 1, NO_LABEL]
    assert list(reference.numbers[:2]) == [0.5, 1.0]
    assert math.isnan(reference.numbers[2])


def test_the_mean_without_a_rater_is_that_of_the_others() -> None:
    panel = people("p", [10]) + people("q", [20]) + people("r", [30])

    assert list(referee(SLIDER, panel, "mean").reference(without="p").numbers) == [25.0]
