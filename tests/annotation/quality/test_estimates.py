"""Dawid and Skene's model and MACE: published figures, crowd-kit's, and what must hold anyway."""

import time
import warnings
from dataclasses import replace

import numpy as np
import pytest

from annotation.quality.dawid_skene import dawid_skene
from annotation.quality.mace import Parameters, fit_from, mace
from annotation.quality.table import AnswerTable, Floats
from tests.annotation.quality.tables import anaesthesia, answered

CARE = (0.95, 0.85, 0.75, 0.65, 0.5, 0.3)
UNTIL_TOLD = -9.0
"""A tolerance that never stops."""


def test_dawid_skene_gives_the_published_figures() -> None:
    found = dawid_skene(anaesthesia(), strength=0, tolerance=1e-10, most_iterations=1000)

    assert found.prior.round(2).tolist() == [0.40, 0.42, 0.11, 0.07]
    assert found.confusion[0].round(2).tolist() == [
        [0.89, 0.11, 0.0, 0.0],
        [0.07, 0.88, 0.05, 0.0],
        [0.0, 0.34, 0.66, 0.0],
        [0.0, 0.0, 0.56, 0.44],
    ]
    assert found.converged


def test_dawid_skene_gives_crowd_kits_posteriors() -> None:
    table, _ = answered(CARE)

    own = dawid_skene(table, strength=0, most_iterations=20, tolerance=UNTIL_TOLD)

    assert np.abs(own.posterior - crowd_kits_dawid_skene(table, 20)).max() < 1e-8


@pytest.mark.parametrize("method", ["variational", "em"])
def test_mace_gives_crowd_kits_posteriors_from_the_same_start(method: str) -> None:
    table, _ = answered(CARE)
    theirs, start = crowd_kits_mace(table, {"variational": "vb", "em": "em"}[method])

    own = fit_from(start, table, method=method, most_iterations=20, tolerance=UNTIL_TOLD)  # type: ignore[arg-type]

    assert np.abs(own.posterior - theirs).max() < 1e-8


def crowd_kits_dawid_skene(table: AnswerTable, iterations: int) -> Floats:
    """Posteriors by crowd-kit, after so many iterations."""
    import pandas as pd

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from crowdkit.aggregation import DawidSkene

        columns = {"task": table.unit, "worker": table.rater, "label": table.label}
        fit = DawidSkene(iterations, tol=UNTIL_TOLD).fit(pd.DataFrame(columns))
    assert fit.probas_ is not None
    return np.asarray(fit.probas_.sort_index()[list(range(table.labels))])


def crowd_kits_mace(table: AnswerTable, method: str) -> tuple[Floats, Parameters]:
    """Posteriors by crowd-kit, and the start that it drew."""
    import pandas as pd

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from crowdkit.aggregation import MACE

        columns = {"task": table.unit, "worker": table.rater, "label": table.label}
        fit = MACE(n_restarts=1, n_iter=20, method=method).fit(pd.DataFrame(columns))
        drawn = MACE(n_restarts=1, method=method)
        drawn._initialize(table.raters, table.labels)
    start = Parameters(drawn.spamming_[:, 0], drawn.spamming_[:, 1], drawn.thetas_)
    assert fit.probas_ is not None
    return np.asarray(fit.probas_.sort_index()[list(range(table.labels))]), start


@pytest.mark.parametrize("fit", [dawid_skene, mace])
def test_weights_order_raters_by_care(fit: object) -> None:
    table, truth = answered(CARE, units=300)

    found = fit(table)  # type: ignore[operator]

    assert np.argsort(-found.weight).tolist() == [0, 1, 2, 3, 4, 5]
    assert (found.labels == truth).mean() > 0.9


@pytest.mark.parametrize("fit", [dawid_skene, mace])
def test_known_labels_stay_and_tell_who_is_right(fit: object) -> None:
    table, truth = answered((0.9, 0.2, 0.2), units=60)
    known = replace(table, known=truth)

    found = fit(known)  # type: ignore[operator]

    assert found.labels.tolist() == truth.tolist()
    assert found.weight.argmax() == 0


@pytest.mark.parametrize("fit", [dawid_skene, mace])
def test_probabilities_sum_to_one(fit: object) -> None:
    found = fit(answered(CARE)[0])  # type: ignore[operator]

    assert np.allclose(found.posterior.sum(axis=1), 1)
    assert np.allclose(found.confusion.sum(axis=2), 1)


def test_more_iterations_never_lower_the_likelihood() -> None:
    table, _ = answered(CARE)

    found = [
        dawid_skene(table, strength=0, most_iterations=count, tolerance=UNTIL_TOLD).log_likelihood
        for count in range(1, 12)
    ]

    assert (np.diff(found) > -1e-9).all()


def test_unanimous_units_are_easy_and_disputed_ones_hard() -> None:
    table, _ = answered((0.8,) * 5)
    is_unanimous = table.shares().max(axis=1) == 1

    found = dawid_skene(table).difficulty

    assert found[is_unanimous].max() < 0.3 < found[~is_unanimous].max()


def test_a_fit_that_may_not_go_on_says_so() -> None:
    assert not dawid_skene(answered(CARE)[0], most_iterations=1, tolerance=0).converged


def test_nobody_and_nothing_can_be_fitted() -> None:
    none = np.empty(0, dtype=np.int64)
    table = AnswerTable(none, none, none, 0, 0, 2)

    assert (len(dawid_skene(table).weight), len(mace(table).weight)) == (0, 0)


def test_twelve_thousand_answers_take_less_than_a_second_of_work() -> None:
    table, _ = answered((0.8,) * 50, units=300)

    began = time.process_time()
    dawid_skene(table)
    mace(table)

    assert len(table) > 11_900
    assert time.process_time() - began < 1
