"""Does a judge say the same again? Against hand-computed values and known constructions."""

from collections import Counter

import pytest

from annotation.judge_cards.consistency import entropy, order_figures, sample_figures


def test_judge_that_always_picks_the_first_always_flips() -> None:
    found = order_figures([("first", "second")] * 8, has_sides=True)

    assert (found.consistency.value, found.flip_rate.value) == (0, 1)
    assert (found.to_first.value, found.to_second.value) == (1, 0)
    assert found.first_preferred.value == 1


def test_judge_that_looks_at_content_never_flips() -> None:
    found = order_figures([("first", "first"), ("second", "second")], has_sides=True)

    assert (found.consistency.value, found.flip_rate.value) == (1, 0)
    assert found.first_preferred.value == 0.5


def test_verdicts_for_neither_count_in_flips_and_not_in_preference() -> None:
    found = order_figures([("none", "none"), ("first", "none")], has_sides=True)

    assert (found.consistency.value, found.flip_rate.value) == (0.5, 0.5)
    assert (found.first_preferred.value, found.first_preferred.n) == (1, 1)


def test_orders_without_sides_have_consistency_alone() -> None:
    found = order_figures([("good", "good"), ("good", "poor")], has_sides=False)

    assert found.consistency.value == 0.5
    assert found.first_preferred.as_row() == {
        "value": None, "n": 0, "reason": "the question asks for no side",
    }  # fmt: skip


def test_orders_that_were_not_both_asked_are_undefined() -> None:
    row = order_figures([], has_sides=True).flip_rate.as_row()

    assert row["value"] is None
    assert row["reason"] == "no item has a readable verdict in both orders"


def test_samples_by_hand() -> None:
    found = sample_figures([["a", "a", "a", "b"], ["a", "a"], ["c"]])

    assert found.confidence.value == pytest.approx((0.75 + 1) / 2)
    assert found.entropy.value == pytest.approx(0.8112781 / 2)
    assert found.agreement.value == pytest.approx((6 / 12 + 1) / 2)
    assert (found.confidence.n, found.most) == (2, 4)


def test_samples_asked_once_say_nothing() -> None:
    found = sample_figures([["a"], ["b"]])

    assert found.confidence.as_row()["reason"] == "no item was answered twice in one order"


@pytest.mark.parametrize(("answers", "bits"), [("aaaa", 0), ("aabb", 1), ("abcd", 2)])
def test_entropy_in_bits(answers: str, bits: float) -> None:
    assert entropy(Counter(answers)) == pytest.approx(bits)
