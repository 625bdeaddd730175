"""How far a judge is right as often as it is sure, against what people answered."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from annotation.agreement.chance import Floats
from annotation.judge_cards.estimates import Estimate, undefined

BINS = 10
NO_CONFIDENCE = "no item with a reference was answered more than once, so nothing says how sure"


@dataclass(frozen=True)
class Bin:
    """Items with a confidence within `low` < c ≤ `high`, and what became of them on average."""

    low: float
    high: float
    n: int
    confidence: float
    accuracy: float

    def as_row(self) -> dict[str, Any]:
        """For JSON."""
        return {
            "low": self.low,
            "high": self.high,
            "n": self.n,
            "confidence": self.confidence,
            "accuracy": self.accuracy,
        }


@dataclass(frozen=True)
class Calibration:
    """Expected calibration errors, Brier score, and the curve with the size of its bins.

    Confidence is the share of the modal answer among all that a judge gave to an item. Of several
    modal answers each is taken with an equal share of being right.
    """

    ece_width: Estimate
    ece_mass: Estimate
    brier: Estimate
    accuracy: Estimate
    curve: tuple[Bin, ...]


def calibration(shares: Sequence[Mapping[str, float]], truths: Sequence[str]) -> Calibration:
    """From each item's shares of labels (which sum to one) and its reference label."""
    if not shares:
        none = undefined(NO_CONFIDENCE)
        return Calibration(none, none, none, none, ())
    sure = np.array([max(each.values()) for each in shares])
    right = np.array([_right(each, truth) for each, truth in zip(shares, truths, strict=True)])
    n = len(sure)
    width, mass = width_bins(sure, right), mass_bins(sure, right)
    return Calibration(
        ece_width=Estimate(expected_error(width), n),
        ece_mass=Estimate(expected_error(mass), n),
        brier=Estimate(brier_score(shares, truths), n),
        accuracy=Estimate(float(right.mean()), n),
        curve=tuple(width),
    )


def _right(shares: Mapping[str, float], truth: str) -> float:
    most = max(shares.values())
    modes = [label for label, share in shares.items() if share > most - 1e-9]
    return 1 / len(modes) if truth in modes else 0.0


def expected_error(bins: Sequence[Bin]) -> float:
    """Guo et al. (2017), On Calibration of Modern Neural Networks, eq. 3.

    The mean over items of |accuracy − confidence| of their bin; from 0 to 1.
    """
    total = sum(each.n for each in bins)
    return sum(each.n * abs(each.accuracy - each.confidence) for each in bins) / total


def width_bins(sure: Floats, right: Floats, count: int = BINS) -> list[Bin]:
    """Bins of equal width over 0 < c ≤ 1, those that hold an item (Guo et al. 2017)."""
    # A confidence on an edge belongs below it, whatever binary fractions make of it.
    place = np.clip(np.ceil(np.round(sure * count, 9)).astype(np.intp) - 1, 0, count - 1)
    return [
        _bin(each / count, (each + 1) / count, sure[place == each], right[place == each])
        for each in np.unique(place).tolist()
    ]


def mass_bins(sure: Floats, right: Floats, count: int = BINS) -> list[Bin]:
    """Bins of as equal a number of items as equal confidences, which stay together, allow.

    Nixon et al. (2019), Measuring Calibration in Deep Learning, call these adaptive.
    """
    levels, counts = np.unique(np.round(sure, 9), return_counts=True)
    # The bin in which the middle item of each confidence falls.
    middles = np.cumsum(counts) - counts / 2
    place = np.minimum((middles * count / len(sure)).astype(np.intp), count - 1)
    of_item = place[np.searchsorted(levels, np.round(sure, 9))]
    bins = []
    for each in np.unique(place).tolist():
        inside = of_item == each
        bins.append(
            _bin(float(sure[inside].min()), float(sure[inside].max()), sure[inside], right[inside])
        )
    return bins


def _bin(low: float, high: float, sure: Floats, right: Floats) -> Bin:
    return Bin(low, high, len(sure), float(sure.mean()), float(right.mean()))


def brier_score(shares: Sequence[Mapping[str, float]], truths: Sequence[str]) -> float:
    """Brier (1950), Verification of Forecasts Expressed in Terms of Probability; from 0 to 2.

    The mean over items of the squared distances of each label's share from 1 if it is the
    reference, else from 0.
    """
    each = [
        sum(share**2 for share in given.values()) - 2 * given.get(truth, 0.0) + 1
        for given, truth in zip(shares, truths, strict=True)
    ]
    return float(np.mean(each))
