"""Ranking by vectors, and joining rankings."""

import math

import pytest

from generation.ranking import FUSION, best_by, cosines, fused


def test_cosines_know_direction_and_no_length() -> None:
    found = cosines([1, 0], [[2, 0], [0, 3], [-1, 0], [1, 1], [0, 0]])

    assert found == pytest.approx([1, 0, -1, 1 / math.sqrt(2), 0])


def test_cosines_refuse_other_dimensions() -> None:
    with pytest.raises(ValueError, match="shorter"):
        cosines([1, 0], [[1]])


def test_best_by_keeps_the_order_of_equals() -> None:
    assert best_by([1, 3, 1, 3]) == [1, 3, 0, 2]


def test_fused_sums_reciprocal_ranks() -> None:
    # Computed by hand: place 1 has 1/62 + 1/61, place 0 has 1/61, place 2 has 1/62.
    assert FUSION == 60
    assert fused([[0, 1], [1, 2]]) == [1, 0, 2]
    assert fused([[2, 0], []]) == [2, 0]
    assert fused([[3, 1], [1, 3]]) == [1, 3]
