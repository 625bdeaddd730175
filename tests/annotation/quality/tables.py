"""Answers of raters whose care is known, as arrays."""

from collections.abc import Sequence

import numpy as np

from annotation.quality.table import AnswerTable, Codes


def answered(
    accuracies: Sequence[float], *, units: int = 80, labels: int = 3, seed: int = 1
) -> tuple[AnswerTable, Codes]:
    """Everybody answers four in five units; the first units are answered right by all."""
    draw = np.random.default_rng(seed)
    truth = draw.integers(0, labels, units)
    truth[:labels] = np.arange(labels)
    rows = [
        (unit, rater, truth[unit] if unit < labels or draw.random() < accuracy else guess)
        for unit in range(units)
        for rater, accuracy in enumerate(accuracies)
        for guess in [int(draw.integers(0, labels))]
        if unit < labels or draw.random() < 0.8
    ]
    unit, rater, label = (np.array(column) for column in zip(*rows, strict=True))
    return AnswerTable(unit, rater, label, units, len(accuracies), labels), truth


# Dawid and Skene 1979, table 1: five observers on 45 patients before anaesthesia, four classes;
# observer 1 saw every patient three times.
_OBSERVED = """
111 1 1 1 1|333 4 3 3 4|112 2 1 2 2|222 3 1 2 1|222 3 2 2 2|222 3 3 2 2|122 2 1 1 1|333 3 4 3 3
222 2 2 2 3|232 2 2 2 3|444 4 4 4 4|222 3 3 4 3|111 1 1 1 1|222 3 2 1 2|121 1 1 1 1|111 2 1 1 1
111 1 1 1 1|111 1 1 1 1|222 2 2 2 1|222 1 3 2 2|222 2 2 2 2|222 2 2 2 1|222 3 2 2 2|221 2 2 2 2
111 1 1 1 1|111 1 1 1 1|232 2 2 2 2|111 1 1 1 1|111 1 1 1 1|112 1 1 2 1|111 1 1 1 1|333 3 2 3 3
111 1 1 1 1|222 2 2 2 2|222 3 2 3 2|433 3 3 4 3|221 2 2 3 2|232 3 2 3 3|333 3 4 3 2|111 1 1 1 1
111 1 1 1 1|121 2 1 1 1|232 2 2 2 2|121 1 1 1 1|222 2 2 2 2
"""


def anaesthesia() -> AnswerTable:
    """The published example, classes from 0."""
    patients = _OBSERVED.replace("\n", "|").strip("|").split("|")
    rows = [
        (patient, observer, int(digit) - 1)
        for patient, seen in enumerate(patients)
        for observer, digits in enumerate(seen.split())
        for digit in digits
    ]
    unit, rater, label = (np.array(column) for column in zip(*rows, strict=True))
    return AnswerTable(unit, rater, label, len(patients), 5, 4)
