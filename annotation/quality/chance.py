"""How surprising a count would be for somebody who just meets a limit, as a level."""

import numpy as np
from scipy.special import bdtr, bdtrc, ndtr

from annotation.quality.table import Floats

HIGHEST = 3.0
SMALLEST = 1e-300


def level_of(chance: Floats, alpha: float) -> Floats:
    """0 for certainty, 1 where the chance is `alpha`, at most 3; 0 where it is not a number."""
    logs = np.log10(np.clip(np.nan_to_num(chance, nan=1.0), SMALLEST, 1.0))
    return np.asarray(np.clip(logs / np.log10(alpha), 0.0, HIGHEST))


def so_few(count: Floats, n: Floats, share: float) -> Floats:
    """Chance of at most `count` of `n` where each has the chance `share`; 1 of none."""
    found = bdtr(count, np.maximum(n, 1).astype(np.int64), share)
    return np.asarray(np.where(n > 0, found, 1.0))


def so_many(count: Floats, n: Floats, share: Floats | float) -> Floats:
    """Chance of at least `count` of `n`; 1 of none."""
    found = bdtrc(count - 1, np.maximum(n, 1).astype(np.int64), share)
    return np.asarray(np.where((n > 0) & (count > 0), found, 1.0))


def so_low(value: Floats, limit: float, error: Floats) -> Floats:
    """Chance of a value at most so high around the limit, with this standard error."""
    return np.asarray(ndtr((value - limit) / error))


def share_of(count: Floats, n: Floats) -> Floats:
    """The part, or NaN of nothing."""
    return np.asarray(np.divide(count, n, out=np.full(len(n), np.nan), where=n > 0))
