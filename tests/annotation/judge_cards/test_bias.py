"""Biases against hand-computed values, and judges that were built to have them."""

import numpy as np
import pytest

from annotation.judge_cards.bias import Compared, lean_of_comparisons, mean_difference, slope
from annotation.judge_cards.estimates import RESAMPLES, Clusters, ratio

PERSONS = [f"p{n}" for n in range(40)]


@pytest.fixture
def clusters() -> Clusters:
    """Forty people."""
    return Clusters(PERSONS)


def compared(judge: object, people: object, amount: object) -> Compared:
    ours, theirs, has = (np.asarray(each, dtype=np.float64) for each in (judge, people, amount))
    return Compared(ours, theirs, has, PERSONS[: len(ours)])


def test_judge_that_follows_length_leans_to_it(clusters: Clusters) -> None:
    longer = np.tile([1.0, -1.0], 20)

    found = lean_of_comparisons(compared(longer, np.zeros(40), longer), clusters)

    assert (found.judge.value, found.people.value, found.difference.value) == (1, 0.5, 0.5)
    assert found.slope.value == pytest.approx(1)
    assert found.difference.interval == (0.5, 0.5)


def test_judge_that_follows_people_leans_no_more_than_they(clusters: Clusters) -> None:
    rng = np.random.default_rng(1)
    people, amount = rng.choice([-1.0, 0, 1], 40), rng.choice([-1.0, 1], 40)

    found = lean_of_comparisons(compared(people, people, amount), clusters)

    assert found.difference.value == 0
    assert found.slope.value == pytest.approx(0)


def test_lean_by_hand_counts_neither_as_half(clusters: Clusters) -> None:
    found = lean_of_comparisons(compared([1, 0, -1], [1, 1, 1], [2, 1, 0]), clusters)

    assert (found.judge.value, found.people.value, found.judge.n) == (0.75, 1, 2)


def test_slope_holds_people_fixed(clusters: Clusters) -> None:
    rng = np.random.default_rng(2)
    amount, people = rng.normal(size=40), rng.normal(size=40)
    judge = 0.3 + 0.5 * amount + 2 * people

    found = slope(compared(judge, people, amount), clusters)

    assert found.value == pytest.approx(0.5)
    assert found.interval == pytest.approx((0.5, 0.5))


def test_slope_equals_least_squares(clusters: Clusters) -> None:
    rng = np.random.default_rng(3)
    amount, people, judge = rng.normal(size=(3, 40))

    found = slope(compared(judge, people, amount), clusters)

    design = np.stack([np.ones(40), amount, people], axis=1)
    assert found.value == pytest.approx(np.linalg.lstsq(design, judge, rcond=None)[0][1])


def test_slope_without_spread_is_undefined(clusters: Clusters) -> None:
    found = slope(compared([1, 2, 3], [1, 2, 3], [5, 5, 5]), clusters)

    assert found.as_row() == {
        "value": None,
        "n": 3,
        "reason": "it does not differ between the items",
    }


def test_lean_without_a_difference_is_undefined(clusters: Clusters) -> None:
    found = lean_of_comparisons(compared([1, 1], [1, 1], [0, 0]), clusters)

    assert found.difference.as_row()["value"] is None
    assert "difference" in found.difference.as_row()["reason"]


def test_mean_difference_is_above_0_for_a_generous_judge(clusters: Clusters) -> None:
    found = mean_difference(np.array([3.0, 4]), np.array([2.0, 2]), PERSONS[:2], clusters)

    assert (found.value, found.n) == (1.5, 2)
    assert found.interval == (1, 2)


# -- The bootstrap ------------------------------------------------------------------


def mean_rows(values: object) -> np.ndarray[tuple[int, int], np.dtype[np.float64]]:
    column = np.asarray(values, dtype=np.float64)
    return np.stack([column, np.ones(len(column))], axis=1)


def test_interval_covers_the_mean_as_often_as_it_says() -> None:
    rng, clusters, hits = np.random.default_rng(4), Clusters(PERSONS), 0
    for _ in range(200):
        found = clusters.estimate(mean_rows(rng.normal(size=40)), PERSONS, ratio(0, 1))
        assert isinstance(found.interval, tuple)
        hits += found.interval[0] <= 0 <= found.interval[1]

    assert 178 <= hits <= 199


def test_interval_is_wider_where_answers_of_a_person_are_alike() -> None:
    values = np.repeat(np.random.default_rng(5).normal(size=10), 10)
    persons = np.repeat([f"p{n}" for n in range(10)], 10).tolist()
    singles = [f"q{n}" for n in range(100)]

    together = Clusters(persons).estimate(mean_rows(values), persons, ratio(0, 1)).interval
    apart = Clusters(singles).estimate(mean_rows(values), singles, ratio(0, 1)).interval

    assert isinstance(together, tuple)
    assert isinstance(apart, tuple)
    assert together[1] - together[0] > 2 * (apart[1] - apart[0])


def test_one_person_gives_no_interval() -> None:
    row = Clusters(["p"]).estimate(mean_rows([1, 2]), ["p", "p"], ratio(0, 1)).as_row()

    assert row == {"value": 1.5, "n": 2, "low": None, "high": None,
                   "no_interval": "all of it is about one person"}  # fmt: skip


def test_equal_data_give_equal_intervals() -> None:
    rows = mean_rows(np.random.default_rng(6).normal(size=40))
    one, other = (Clusters(PERSONS).estimate(rows, PERSONS, ratio(0, 1)) for _ in range(2))

    assert one == other
    assert RESAMPLES >= 2_000
