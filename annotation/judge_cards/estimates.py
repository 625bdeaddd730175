"""A figure with what it rests on: how many units, how sure, or why it does not exist."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from annotation.agreement.chance import Codes, Floats
from annotation.agreement.figures import Figure, Undefined

RESAMPLES = 2_000
SEED = 20_261_121
LEVEL = 0.95
ONE_CLUSTER = "all of it is about one person"
AT_ONCE = 100
"""Resamples drawn and weighed at a time."""

Statistic: TypeAlias = Callable[[Floats], Floats]
"""Sums, one row per resample, to the figure of each row; nan where it does not exist."""


@dataclass(frozen=True)
class Estimate:
    """A figure over `n` units, with its interval where one can be made."""

    value: Figure
    n: int
    interval: tuple[float, float] | Undefined | None = None
    """None: this figure comes without an interval."""

    def as_row(self) -> dict[str, Any]:
        """For JSON: `value` (or null and `reason`), `n`, and `low` and `high` with an interval."""
        defined = not isinstance(self.value, Undefined)
        row: dict[str, Any] = {"value": self.value if defined else None, "n": self.n}
        if isinstance(self.value, Undefined):
            row["reason"] = self.value.reason
        if isinstance(self.interval, Undefined):
            row |= {"low": None, "high": None, "no_interval": self.interval.reason}
        elif self.interval is not None:
            row |= {"low": self.interval[0], "high": self.interval[1]}
        return row


def undefined(reason: str, n: int = 0) -> Estimate:
    """An estimate that does not exist."""
    return Estimate(Undefined(reason), n)


def mean_of(values: Sequence[float] | Floats, reason: str) -> Estimate:
    """The plain mean, or why there is none; without an interval."""
    if not len(values):
        return undefined(reason)
    return Estimate(float(np.mean(values)), len(values))


class Clusters:
    """The persons that units are about, and the resamples drawn of them.

    Cluster bootstrap: Davison & Hinkley (1997), Bootstrap Methods and their Application, 3.8. Whole
    persons are drawn with replacement, as many as there are, so that units of one person stay
    together; the seed is fixed, so that equal data give equal intervals. Percentiles bound it.
    """

    def __init__(self, persons: Sequence[str]) -> None:
        self._codes = {person: code for code, person in enumerate(dict.fromkeys(persons))}
        self._drawn: NDArray[np.uint16] | None = None

    def codes_of(self, persons: Sequence[str]) -> Codes:
        """Each person's number."""
        return np.array([self._codes[person] for person in persons], dtype=np.intp)

    def estimate(self, rows: Floats, persons: Sequence[str], statistic: Statistic) -> Estimate:
        """The statistic of the sums of `rows` (units × terms), with its interval.

        Persons without a unit here count for nothing, whichever are drawn. Resamples for which the
        statistic does not exist are left out of the interval.
        """
        value = float(statistic(rows.sum(axis=0, keepdims=True))[0])
        if np.isnan(value):
            return undefined("it cannot be computed from these answers", len(rows))
        return Estimate(value, len(rows), self._interval(rows, persons, statistic))

    def _interval(
        self, rows: Floats, persons: Sequence[str], statistic: Statistic
    ) -> tuple[float, float] | Undefined:
        present, codes = np.unique(self.codes_of(persons), return_inverse=True)
        if len(present) < 2:
            return Undefined(ONE_CLUSTER)
        sums = np.zeros((len(present), rows.shape[1]))
        np.add.at(sums, codes, rows)
        drawn = self._resamples()[:, present]
        parts = [
            statistic(drawn[at : at + AT_ONCE].astype(np.float64) @ sums)
            for at in range(0, RESAMPLES, AT_ONCE)
        ]
        found = np.concatenate(parts)
        found = found[~np.isnan(found)]
        if len(found) < RESAMPLES / 2:
            return Undefined("most resamples give no figure")
        low, high = np.quantile(found, [(1 - LEVEL) / 2, (1 + LEVEL) / 2])
        return float(low), float(high)

    def _resamples(self) -> "NDArray[np.uint16]":
        """How often each person is drawn, one row per resample; made once."""
        if self._drawn is None:
            n, rng = len(self._codes), np.random.default_rng(SEED)
            self._drawn = np.empty((RESAMPLES, n), dtype=np.uint16)
            for row in self._drawn:
                row[:] = np.bincount(rng.integers(0, n, size=n), minlength=n)
        return self._drawn


def ratio(numerator: int, denominator: int) -> Statistic:
    """One sum by another; nan where the other is 0."""

    def statistic(sums: Floats) -> Floats:
        with np.errstate(divide="ignore", invalid="ignore"):
            found = sums[:, numerator] / sums[:, denominator]
        return np.where(sums[:, denominator] == 0, np.nan, found)

    return statistic
