"""Calibration by hand, and of judges whose confidence is known to be right or wrong."""

import numpy as np
import pytest

from annotation.judge_cards.calibration import (
    brier_score,
    calibration,
    expected_error,
    mass_bins,
    width_bins,
)


def test_calibration_by_hand() -> None:
    shares = [{"a": 0.8, "b": 0.2}, {"a": 0.8, "b": 0.2}, {"a": 1.0}, {"b": 1.0}]

    found = calibration(shares, ["a", "b", "a", "a"])

    # At .8 half are right (.3 off), at 1.0 half are right (.5 off), two items each.
    assert found.ece_width.value == pytest.approx(0.4)
    assert found.ece_mass.value == pytest.approx(0.4)
    assert found.accuracy.value == 0.5
    assert found.brier.value == pytest.approx((0.08 + 1.28 + 0 + 2) / 4)


def test_curve_has_the_bins_that_hold_items() -> None:
    found = calibration([{"a": 0.8, "b": 0.2}, {"a": 1.0}], ["a", "a"])

    assert [each.as_row() for each in found.curve] == [
        {"low": 0.7, "high": 0.8, "n": 1, "confidence": 0.8, "accuracy": 1},
        {"low": 0.9, "high": 1.0, "n": 1, "confidence": 1, "accuracy": 1},
    ]


def test_judge_that_is_right_as_often_as_sure_has_no_error() -> None:
    shares = [{"a": 0.75, "b": 0.25}] * 4

    assert calibration(shares, ["a", "a", "a", "b"]).ece_width.value == pytest.approx(0)


def test_judge_that_is_sure_and_wrong_has_all_of_it() -> None:
    found = calibration([{"a": 1.0}] * 3, ["b"] * 3)

    assert (found.ece_width.value, found.brier.value, found.accuracy.value) == (1, 2, 0)


def test_tied_answers_are_right_by_half() -> None:
    found = calibration([{"a": 0.5, "b": 0.5}], ["a"])

    assert (found.accuracy.value, found.ece_width.value) == (0.5, 0)


def test_brier_of_one_share_by_hand() -> None:
    assert brier_score([{"a": 0.6, "b": 0.3, "c": 0.1}], ["a"]) == pytest.approx(0.26)


def test_confidence_on_an_edge_belongs_below_it() -> None:
    bins = width_bins(np.array([0.3, 0.30000001, 0.1 + 0.2]), np.ones(3))

    assert [(each.low, each.n) for each in bins] == [(0.2, 2), (0.3, 1)]


def test_mass_bins_keep_equal_confidences_together() -> None:
    sure = np.array([0.5] * 7 + [0.6, 0.7, 0.8])

    bins = mass_bins(sure, np.ones(10), count=3)

    assert [each.n for each in bins] == [7, 3]


def test_mass_bins_of_distinct_confidences_hold_equally_many() -> None:
    bins = mass_bins(np.linspace(0.01, 1, 100), np.ones(100))

    assert [each.n for each in bins] == [10] * 10


def test_order_of_items_changes_nothing() -> None:
    rng = np.random.default_rng(0)
    sure, right = rng.choice([0.4, 0.6, 0.8, 1.0], 200), rng.integers(0, 2, 200).astype(float)
    other = rng.permutation(200)

    assert expected_error(mass_bins(sure, right)) == pytest.approx(
        expected_error(mass_bins(sure[other], right[other]))
    )


def test_calibration_without_items_is_undefined() -> None:
    row = calibration([], []).ece_mass.as_row()

    assert (row["value"], row["n"]) == (None, 0)
    assert "answered more than once" in row["reason"]
