"""Answers to one question as arrays: what labels are estimated from. No Django here."""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

Codes = NDArray[np.int64]
Floats = NDArray[np.float64]
Truths = NDArray[np.bool_]

UNKNOWN = -1


@dataclass(frozen=True)
class AnswerTable:
    """Entry i: rater `rater[i]` gives unit `unit[i]` the label `label[i]`; codes from 0."""

    unit: Codes
    rater: Codes
    label: Codes
    units: int
    raters: int
    labels: int
    known: Codes = field(default_factory=lambda: np.empty(0, dtype=np.int64))
    """By unit the label that is known to be right, or `UNKNOWN`; empty where none is."""

    def __len__(self) -> int:
        return len(self.unit)

    @property
    def anchored(self) -> Codes:
        """Units whose right label is known."""
        return np.flatnonzero(self.known != UNKNOWN)

    def shares(self) -> Floats:
        """By unit and label, the share of the answers; where a label is known it is certain."""
        counts = counted(self.unit * self.labels + self.label, self.units * self.labels)
        return pinned(self, normalized(counts.reshape(self.units, self.labels)))

    def where(self, mask: Truths) -> "AnswerTable":
        """A part of the answers, under the same codes."""
        return AnswerTable(
            self.unit[mask],
            self.rater[mask],
            self.label[mask],
            self.units,
            self.raters,
            self.labels,
            self.known,
        )


def counted(codes: Codes, size: int, weights: Floats | None = None) -> Floats:
    """How often, or with what weight, each code from 0 occurs."""
    return np.bincount(codes, weights=weights, minlength=size).astype(np.float64)


def normalized(rows: Floats) -> Floats:
    """Rows that sum to one; a row of zeros becomes even."""
    totals = rows.sum(axis=-1, keepdims=True)
    even = np.full_like(rows, 1 / rows.shape[-1])
    return np.asarray(np.divide(rows, totals, out=even, where=totals > 0))


def pinned(table: AnswerTable, posterior: Floats) -> Floats:
    """The posterior with certainty where the right label is known."""
    units = table.anchored
    posterior[units] = 0.0
    posterior[units, table.known[units]] = 1.0
    return posterior


def from_logs(logs: Floats) -> tuple[Floats, Floats]:
    """Rows of probabilities from rows of unscaled logarithms, and the logarithm of each scale."""
    highest = logs.max(axis=1, keepdims=True)
    rows = np.exp(logs - highest)
    totals = rows.sum(axis=1, keepdims=True)
    return rows / totals, (highest + np.log(totals))[:, 0]
