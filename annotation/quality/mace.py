"""MACE: a rater knows the label, or else answers by a habit that has nothing to do with the item.

D. Hovy, T. Berg-Kirkpatrick, A. Vaswani, E. Hovy: "Learning Whom to Trust with MACE", NAACL-HLT
2013, 1120-1130. Fitted by variational EM with their priors, or plain EM, from several starts.
"""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from scipy.special import digamma

from annotation.quality.estimate import Estimate
from annotation.quality.table import (
    AnswerTable,
    Codes,
    Floats,
    counted,
    from_logs,
    pinned,
)

Method = Literal["variational", "em"]

RESTARTS = 4
MOST_ITERATIONS = 50
TOLERANCE = 1e-7
KNOWING_PRIOR = 0.5
"""Of the Beta distribution of knowing, on both sides."""
HABIT_PRIOR = 10.0
"""Of the Dirichlet distribution of habits, for each label."""
SMOOTHING = 0.01
"""Of plain EM, divided by the number of labels."""
SMALLEST = 1e-12


@dataclass(frozen=True)
class Parameters:
    """By rater, how often they guess, how often they know, and how they guess."""

    guessing: Floats
    knowing: Floats
    habit: Floats
    """By rater and label."""


@dataclass(frozen=True)
class _Fit:
    parameters: Parameters
    posterior: Floats
    likelihood: float
    iterations: int
    converged: bool


def mace(
    table: AnswerTable,
    *,
    method: Method = "variational",
    restarts: int = RESTARTS,
    most_iterations: int = MOST_ITERATIONS,
    tolerance: float = TOLERANCE,
    seed: int = 0,
) -> Estimate:
    """The best of so many starts drawn from the seed."""
    draw = np.random.default_rng(seed)
    fits = [
        fit_from(
            drawn_start(table, draw),
            table,
            method=method,
            most_iterations=most_iterations,
            tolerance=tolerance,
        )
        for _ in range(max(restarts, 1))
    ]
    return _estimate(table, max(fits, key=lambda fit: fit.likelihood))


def drawn_start(table: AnswerTable, draw: np.random.Generator) -> Parameters:
    """Nearly even parameters, as the authors begin."""
    knowing = draw.uniform(1, 2, (table.raters, 2))
    habit = draw.uniform(1, 2, (table.raters, table.labels))
    knowing /= knowing.sum(axis=1, keepdims=True)
    return Parameters(knowing[:, 0], knowing[:, 1], habit / habit.sum(axis=1, keepdims=True))


def fit_from(
    start: Parameters,
    table: AnswerTable,
    *,
    method: Method = "variational",
    most_iterations: int = MOST_ITERATIONS,
    tolerance: float = TOLERANCE,
) -> _Fit:
    """EM from one start, until the likelihood per answer moves by less."""
    parameters, iterations, is_settled = start, 0, False
    posterior, likelihood, guessed = _expected(table, parameters)
    while iterations < most_iterations and not is_settled:
        parameters = _maximized(table, guessed, method)
        posterior, new, guessed = _expected(table, parameters)
        is_settled = abs(new - likelihood) < tolerance * max(len(table), 1)
        likelihood, iterations = new, iterations + 1
    return _Fit(parameters, posterior, likelihood, iterations, is_settled)


def _expected(table: AnswerTable, parameters: Parameters) -> tuple[Floats, float, Floats]:
    """Posterior, likelihood, and by answer how probable it is that it was a guess."""
    guess = parameters.guessing[table.rater] * parameters.habit[table.rater, table.label]
    knowing = parameters.knowing[table.rater]
    # Only where the right label is the one given does an answer differ from a mere guess.
    other, same = np.log(guess + SMALLEST), np.log(guess + knowing + SMALLEST)
    base = counted(table.unit, table.units, other)[:, None]
    cells = table.unit * table.labels + table.label
    gain = counted(cells, table.units * table.labels, same - other)
    logs = base + gain.reshape(table.units, table.labels) - np.log(table.labels)
    posterior, scales = from_logs(logs)
    units = table.anchored
    scales[units] = logs[units, table.known[units]]
    posterior = pinned(table, posterior)
    right = posterior[table.unit, table.label]
    return posterior, float(scales.sum()), 1 - right * knowing / (guess + knowing + SMALLEST)


def _maximized(table: AnswerTable, guessed: Floats, method: Method) -> Parameters:
    cells = table.rater * table.labels + table.label
    habits = counted(cells, table.raters * table.labels, guessed)
    habits = habits.reshape(table.raters, table.labels)
    knows = counted(table.rater, table.raters, 1 - guessed)
    both = np.stack([habits.sum(axis=1), knows], axis=1)
    if method == "variational":
        both, habit = _softened(both, KNOWING_PRIOR), _softened(habits, HABIT_PRIOR)
    else:
        smoothing = SMOOTHING / table.labels
        both, habit = _smoothed(both, smoothing), _smoothed(habits, smoothing)
    return Parameters(both[:, 0], both[:, 1], habit)


def _softened(counts: Floats, prior: float) -> Floats:
    """Variational Bayes: sums fall short of one by what the counts leave uncertain."""
    rows = counts + prior
    return np.asarray(np.exp(digamma(rows) - digamma(rows.sum(axis=1, keepdims=True))))


def _smoothed(counts: Floats, smoothing: float) -> Floats:
    rows = counts + smoothing
    return np.asarray(rows / rows.sum(axis=1, keepdims=True))


def _estimate(table: AnswerTable, fit: _Fit) -> Estimate:
    knowing, guessing = fit.parameters.knowing, fit.parameters.guessing
    weight = knowing / (knowing + guessing)
    habit = fit.parameters.habit / fit.parameters.habit.sum(axis=1, keepdims=True)
    same: Codes = np.arange(table.labels)
    confusion = np.repeat(((1 - weight)[:, None] * habit)[:, None, :], table.labels, axis=1)
    confusion[:, same, same] += weight[:, None]
    return Estimate(
        method="mace",
        posterior=fit.posterior,
        weight=weight,
        confusion=confusion,
        prior=np.full(table.labels, 1 / table.labels),
        log_likelihood=fit.likelihood,
        iterations=fit.iterations,
        converged=fit.converged,
    )
