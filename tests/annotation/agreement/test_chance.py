import warnings
from typing import Any

import krippendorff
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from annotation.agreement.answers import Scale
from annotation.agreement.chance import (
    NO_TWO_ANSWERS,
    ONE_VALUE,
    fleiss_kappa,
    krippendorff_alpha,
)
from annotation.agreement.figures import Undefined, value_of

# Krippendorff (2011), the table of section C: four observers, twelve units.
NONE = None
OBSERVERS = [
    [1, 2, 3, 3, 2, 1, 4, 1, 2, NONE, NONE, NONE],
    [1, 2, 3, 3, 2, 2, 4, 1, 2, 5, NONE, 3],
    [NONE, 3, 3, 3, 2, 3, 4, 2, 2, 5, 1, NONE],
    [1, 2, 3, 3, 2, 4, 4, 1, 2, 5, 1, NONE],
]
# Fleiss (1971) as in the table of Wikipedia's article: 14 raters, ten units, five categories.
COUNTS = [
    [0, 0, 0, 0, 14], [0, 2, 6, 4, 2], [0, 0, 3, 5, 6], [0, 3, 9, 2, 0], [2, 2, 8, 1, 1],
    [7, 7, 0, 0, 0], [3, 2, 6, 3, 0], [2, 5, 3, 2, 2], [6, 5, 2, 1, 0], [0, 2, 2, 3, 7],
]  # fmt: skip


@st.composite
def ratings(draw: st.DrawFn) -> list[list[float | None]]:
    """Two to five raters on one to eight units, with gaps."""
    units = draw(st.integers(1, 8))
    answer = st.one_of(st.none(), st.sampled_from([0.0, 1.0, 2.0, 5.0]))
    row = st.lists(answer, min_size=units, max_size=units)
    return draw(st.lists(row, min_size=2, max_size=5))


def oracle(rows: list[list[float | None]], scale: Scale) -> float | None:
    """The alpha of the `krippendorff` package; None where it raises or gives nan."""
    table = np.array([[np.nan if x is None else x for x in row] for row in rows], dtype=float)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            alpha = float(krippendorff.alpha(table, level_of_measurement=scale))
    except ValueError:
        return None
    return None if np.isnan(alpha) else alpha


@pytest.mark.parametrize(
    ("scale", "alpha"), [("nominal", 0.743), ("ordinal", 0.815), ("interval", 0.849)]
)
def test_alpha_of_krippendorffs_own_example(scale: Scale, alpha: float) -> None:
    assert krippendorff_alpha(OBSERVERS, scale) == pytest.approx(alpha, abs=0.0005)


@given(ratings(), st.sampled_from(["nominal", "ordinal", "interval"]))
def test_alpha_is_that_of_the_krippendorff_package(
    rows: list[list[float | None]], scale: Scale
) -> None:
    expected = oracle(rows, scale)

    assert value_of(krippendorff_alpha(rows, scale)) == (
        None if expected is None else pytest.approx(expected, abs=1e-9)
    )


def test_alpha_takes_the_order_of_an_ordinal_scale() -> None:
    words = [["low", "mid", "high", "low"], ["low", "high", "high", "mid"]]
    steps: list[list[Any]] = [[0, 1, 2, 0], [0, 2, 2, 1]]

    assert krippendorff_alpha(words, "ordinal", ["low", "mid", "high"]) == pytest.approx(
        oracle(steps, "ordinal")
    )


def test_alpha_treats_nan_as_missing() -> None:
    with_nan = [[float("nan") if x is None else x for x in row] for row in OBSERVERS]

    assert krippendorff_alpha(with_nan, "ordinal") == krippendorff_alpha(OBSERVERS, "ordinal")


@pytest.mark.parametrize(
    ("rows", "reason"),
    [
        ([], NO_TWO_ANSWERS),
        ([[1, 2, 3]], NO_TWO_ANSWERS),
        ([[1, None], [None, 2]], NO_TWO_ANSWERS),
        ([[1, 1], [1, 1]], ONE_VALUE),
    ],
)
@pytest.mark.parametrize("scale", ["nominal", "ordinal", "interval"])
def test_alpha_without_a_basis_is_undefined(
    rows: list[list[int | None]], reason: str, scale: Scale
) -> None:
    assert krippendorff_alpha(rows, scale) == Undefined(reason)


def test_fleiss_kappa_of_the_textbook_example() -> None:
    units = [[label for label, n in enumerate(row) for _ in range(n)] for row in COUNTS]

    assert fleiss_kappa(list(zip(*units, strict=True))) == pytest.approx(0.20993, abs=1e-5)


@pytest.mark.parametrize(
    ("rows", "reason"),
    [
        ([], NO_TWO_ANSWERS),
        ([["a", "b"]], NO_TWO_ANSWERS),
        ([["a", "a"], ["a", "a"]], ONE_VALUE),
        (
            [["a", "b"], ["a", None]],
            "Fleiss' kappa needs the same number of answers for every item",
        ),
    ],
)
def test_fleiss_kappa_without_a_basis_is_undefined(
    rows: list[list[str | None]], reason: str
) -> None:
    assert fleiss_kappa(rows) == Undefined(reason)
