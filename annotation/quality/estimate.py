"""What a model of raters says: labels, how far to trust each rater, how hard each unit is."""

from dataclasses import dataclass

import numpy as np

from annotation.quality.table import Codes, Floats


@dataclass(frozen=True)
class Estimate:
    """The outcome of fitting a model of raters to an `AnswerTable`."""

    method: str
    posterior: Floats
    """By unit and label."""
    weight: Floats
    """By rater, from 0 to 1: how probable it is that an answer of theirs is right, or informed."""
    confusion: Floats
    """By rater, right label and answer given: how probable the answer is."""
    prior: Floats
    """By label."""
    log_likelihood: float
    iterations: int
    converged: bool

    @property
    def labels(self) -> Codes:
        """The most probable label of each unit."""
        return np.asarray(self.posterior.argmax(axis=1))

    @property
    def difficulty(self) -> Floats:
        """By unit, from 0 (certain) to 1: how much the answers leave open, as entropy."""
        count = self.posterior.shape[1]
        if count < 2:
            return np.zeros(len(self.posterior))
        logs = np.log(np.where(self.posterior > 0, self.posterior, 1.0))
        return np.asarray(-(self.posterior * logs).sum(axis=1) / np.log(count))
