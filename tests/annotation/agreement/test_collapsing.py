from typing import Any

import pytest

from annotation.agreement.answers import Answer, PolicyRefused, Question
from annotation.agreement.collapsing import WRONG, Cell, Collapse, Policies, latest
from tests.annotation.agreement.factories import CHOICE, PREFERENCE, SLIDER, judge, people


def cell(question: Question, answers: list[Answer], **policies: Any) -> Cell:
    """The only cell of the answers."""
    [only] = Collapse(question, Policies(**policies)).cells(answers).values()
    return only


def both_orders(first: str, second: str) -> list[Answer]:
    return judge("j", [first]) + judge("j", [second], swapped=True)


def samples(*values: str) -> list[Answer]:
    return [each for n, value in enumerate(values) for each in judge("j", [value], sample=n)]


def test_latest_keeps_the_highest_revision_whatever_the_order() -> None:
    new, old = (Answer("0", "p", "peer", "human", value, revision=revision)
                for value, revision in (("b", 2), ("a", 1)))  # fmt: skip

    assert latest([new, old]) == latest([old, new]) == [new]


def test_latest_leaves_out_what_was_not_answered() -> None:
    assert latest([Answer("0", "p", "peer", "human", None)]) == []


def test_off_scale_answers_count_nowhere() -> None:
    assert cell(CHOICE, people("p", ["cannot tell"])) == Cell({}, 0, False, False, None)


def test_a_value_outside_the_scale_is_unusable() -> None:
    assert cell(CHOICE, judge("j", ["d"])) == Cell({}, 1, True, False, None)


def test_a_slider_takes_any_number_and_no_text() -> None:
    spreads = [cell(SLIDER, judge("j", [value])).spread for value in (40, 40.0, "40.0", "much")]

    assert spreads == [{"40": 1.0}, {"40": 1.0}, {"40": 1.0}, {}]


@pytest.mark.parametrize(
    ("policy", "spread"), [("drop", {}), ("as_tie", {"=": 1.0}), ("wrong", {WRONG: 1.0})]
)
def test_unusable_answers_of_a_judge_follow_the_policy(policy: str, spread: object) -> None:
    expected = Cell(spread, 1, True, False, None)  # type: ignore[arg-type]

    assert cell(PREFERENCE, judge("j", "?"), unusable=policy) == expected


def test_unusable_answers_of_a_person_are_left_out() -> None:
    answer = Answer("0", "p", "peer", "human", None, usable=False)

    assert cell(PREFERENCE, [answer], unusable="as_tie").spread == {}


def test_as_tie_is_refused_without_a_neutral_option() -> None:
    with pytest.raises(PolicyRefused, match='the question "kind" has none'):
        Collapse(CHOICE, Policies(unusable="as_tie"))


@pytest.mark.parametrize(
    ("first", "second", "orders", "spread"),
    [
        ("A", "B", "average", {"A": 0.5, "B": 0.5}),
        ("A", "A", "average", {"A": 1.0}),
        ("A", "?", "average", {"A": 0.5}),
        ("A", "B", "first", {"A": 1.0}),
        ("A", "B", "flip_is_tie", {"=": 1.0}),
        ("A", "A++", "flip_is_tie", {"A": 0.5, "A++": 0.5}),
        ("A", "?", "flip_is_tie", {"A": 0.5}),
    ],
)
def test_orders_are_merged_by_policy(
    first: str, second: str, orders: str, spread: dict[str, float]
) -> None:
    assert cell(PREFERENCE, both_orders(first, second), orders=orders).spread == spread


def test_first_takes_the_only_order_there_is() -> None:
    only = judge("j", ["B"], swapped=True)

    assert cell(PREFERENCE, only, orders="first").spread == {"B": 1.0}


def test_flip_is_tie_is_refused_without_a_neutral_option() -> None:
    with pytest.raises(PolicyRefused, match="flip between the orders"):
        cell(CHOICE, both_orders("a", "b"), orders="flip_is_tie")


@pytest.mark.parametrize(
    ("first", "second", "sides"),
    [("A", "A++", ("first", "first")), ("A", "=", ("first", "none")), ("A", "?", None)],
)
def test_sides_are_the_verdicts_of_both_orders(first: str, second: str, sides: object) -> None:
    assert cell(PREFERENCE, both_orders(first, second), unusable="as_tie").sides == sides


@pytest.mark.parametrize(
    ("values", "policy", "spread"),
    [
        (("a", "a", "b"), "majority", {"a": 1.0}),
        (("a", "b"), "majority", {"a": 0.5, "b": 0.5}),
        (("a", "a", "a", "b"), "mean", {"a": 0.75, "b": 0.25}),
        (("a", "?"), "mean", {"a": 1.0}),
    ],
)
def test_samples_are_merged_by_policy(
    values: tuple[str, ...], policy: str, spread: dict[str, float]
) -> None:
    assert cell(CHOICE, samples(*values), samples=policy).spread == spread
