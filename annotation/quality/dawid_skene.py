"""Dawid and Skene's model: every rater has a matrix of errors, found together with the labels.

A. P. Dawid, A. M. Skene: "Maximum Likelihood Estimation of Observer Error-Rates Using the EM
Algorithm", Applied Statistics 28 (1979), 20-28. Matrices are drawn towards the one of all raters
together, as many raters answer too little for one of their own.
"""

import numpy as np

from annotation.quality.estimate import Estimate
from annotation.quality.table import (
    AnswerTable,
    Floats,
    counted,
    from_logs,
    normalized,
    pinned,
)

SMALLEST = 1e-10
STRENGTH = 4.0
"""Answers' worth by which each row of a rater's matrix is drawn to that of all raters."""
MOST_ITERATIONS = 200
TOLERANCE = 1e-7


def dawid_skene(
    table: AnswerTable,
    *,
    strength: float = STRENGTH,
    most_iterations: int = MOST_ITERATIONS,
    tolerance: float = TOLERANCE,
) -> Estimate:
    """Fit by EM from the shares of votes, until the likelihood per answer grows by less.

    `strength` 0 is maximum likelihood, as published.
    """
    posterior = table.shares()
    confusion, prior = _maximized(table, posterior, strength)
    likelihood, iterations, is_settled = -np.inf, 0, False
    while iterations < most_iterations and not is_settled:
        posterior, new = _expected(table, confusion, prior)
        confusion, prior = _maximized(table, posterior, strength)
        is_settled = new - likelihood < tolerance * max(len(table), 1)
        likelihood, iterations = new, iterations + 1
    return Estimate(
        method="dawid-skene",
        posterior=posterior,
        weight=np.einsum("z,rzz->r", prior, confusion),
        confusion=confusion,
        prior=prior,
        log_likelihood=float(likelihood),
        iterations=iterations,
        converged=is_settled,
    )


def answer_logs(table: AnswerTable, confusion: Floats) -> Floats:
    """By answer and right label, the logarithm of how probable the answer is."""
    return np.asarray(np.log(confusion).transpose(0, 2, 1)[table.rater, table.label])


def summed_by_unit(table: AnswerTable, logs: Floats) -> Floats:
    """By unit and right label, the sum over its answers."""
    columns = [counted(table.unit, table.units, logs[:, z]) for z in range(table.labels)]
    return np.stack(columns, axis=1)


def _expected(table: AnswerTable, confusion: Floats, prior: Floats) -> tuple[Floats, float]:
    logs = np.log(prior) + summed_by_unit(table, answer_logs(table, confusion))
    posterior, scales = from_logs(logs)
    units = table.anchored
    scales[units] = logs[units, table.known[units]]
    return pinned(table, posterior), float(scales.sum())


def _maximized(table: AnswerTable, posterior: Floats, strength: float) -> tuple[Floats, Floats]:
    cells = table.rater * table.labels + table.label
    size = table.raters * table.labels
    counts = np.stack(
        [counted(cells, size, posterior[table.unit, z]) for z in range(table.labels)]
    ).reshape(table.labels, table.raters, table.labels)
    counts = counts.transpose(1, 0, 2)
    if strength:
        counts = counts + strength * normalized(counts.sum(axis=0) + SMALLEST)
    confusion = np.maximum(counts, SMALLEST)
    confusion = confusion / confusion.sum(axis=2, keepdims=True)
    return confusion, np.maximum(normalized(posterior.sum(axis=0)), SMALLEST)
