"""The intervals of every figure, against a plain loop over the resamples and against scipy."""

import random
from collections.abc import Callable
from functools import cache
from typing import Any

import numpy as np
import pytest
from scipy import stats

from annotation.agreement.answers import Answer, Question, RaterKind, Scale
from annotation.agreement.document import agreement_document
from annotation.agreement.resampled.draws import SEED, Draws, bounds, divided, drawn, terms_of
from annotation.agreement.units import UnitFacts
from tests.annotation.agreement.factories import CHOICE, STEPS, people

SCALES: tuple[Scale, ...] = ("nominal", "ordinal", "interval")
RESAMPLES = 40
FACTS = {str(unit): UnitFacts(f"p{unit % 6}") for unit in range(30)}
RATERS: tuple[tuple[str, RaterKind], ...] = (("p", "human"), ("q", "human"), ("j", "llm"))
ROW = ("positive_rate", "accuracy", "macro_recall", "macro_f1", "spearman", "pearson",
       "mean_shift", "over_selection", "recall")  # fmt: skip


def question_on(scale: Scale) -> Question:
    return Question("q", scale, (1, 2, 3, 4), positive=frozenset({3, 4}))


def panel() -> list[Answer]:
    """Two people and a judge on thirty items about six persons, some of them left out."""
    dice = random.Random(7)
    return [
        Answer(str(unit), rater, "llm" if kind == "llm" else "peer", kind, dice.randint(1, 4))
        for unit in range(30)
        for rater, kind in RATERS
        if dice.random() < 0.9
    ]


def made(scale: Scale, answers: list[Answer], resamples: int = 1) -> dict[str, Any]:
    return agreement_document(
        study="s", stage="relevance", question=question_on(scale), answers=answers,
        facts=FACTS, resamples=resamples,
    )  # fmt: skip


def redrawn(answers: list[Answer], counts: Any) -> list[Answer]:
    """The answers of one resample: a person drawn twice is two persons."""
    return [
        Answer(f"{answer.unit}-{copy}", answer.rater, answer.role, answer.kind, answer.value)
        for answer in answers
        for copy in range(int(counts[order_of_persons(answers).index(person_of(answer))]))
    ]


def person_of(answer: Answer) -> str:
    return FACTS[answer.unit].person


def order_of_persons(answers: list[Answer]) -> list[str]:
    units = sorted({answer.unit for answer in answers})
    return list(dict.fromkeys(FACTS[unit].person for unit in units))


@cache
def loop(scale: Scale) -> list[dict[str, Any]]:
    """The document of each resample, made from its answers like any other."""
    answers, counts = panel(), drawn(6, RESAMPLES, SEED)
    return [made(scale, redrawn(answers, counts[:, at])) for at in range(RESAMPLES)]


def looped(scale: Scale, read: Callable[[dict[str, Any]], Any]) -> tuple[float, float]:
    """What a plain loop over the same resamples gives."""
    values = np.array([read(document) for document in loop(scale)], dtype=float)
    low, high = np.nanquantile(values, [0.025, 0.975])
    return float(low), float(high)


@pytest.mark.parametrize("scale", SCALES)
def test_intervals_of_the_whole_are_those_of_a_loop(scale: Scale) -> None:
    found = made(scale, panel(), RESAMPLES)["intervals"]

    assert found["alpha"] == pytest.approx(looped(scale, lambda doc: doc["alpha"]))


@pytest.mark.parametrize("name", ["percent", "cohen_kappa", "spearman", "pearson"])
def test_intervals_of_a_pair_are_those_of_a_loop(name: str) -> None:
    found = made("interval", panel(), RESAMPLES)["pairs"][0]["intervals"][name]

    assert found == pytest.approx(looped("interval", lambda doc: doc["pairs"][0][name]))


@pytest.mark.parametrize("name", ["percent", "cohen_kappa"])
def test_intervals_of_a_group_are_those_of_a_loop(name: str) -> None:
    found = made("nominal", panel(), RESAMPLES)["groups"][1]

    assert (found["group"], found["resampled_pairs"]) == ("human-llm", 2)
    values = [document["groups"][1][name] for document in loop("nominal")]
    moved = found[name] - np.mean(values)
    low, high = looped("nominal", lambda doc: doc["groups"][1][name])
    assert found["intervals"][name] == pytest.approx((low + moved, high + moved))


@pytest.mark.parametrize("name", ROW)
def test_intervals_of_a_rater_are_those_of_a_loop(name: str) -> None:
    found = made("ordinal", panel(), RESAMPLES)["raters"][2]["intervals"][name]

    assert found == pytest.approx(looped("ordinal", lambda doc: doc["raters"][2][name]))


def test_interval_of_a_mean_is_close_to_that_of_scipy() -> None:
    values = np.random.default_rng(3).normal(size=200)
    units, zero = np.arange(200), np.zeros(200, np.intp)
    terms = terms_of([(units, zero, 0, values), (units, zero, 1, np.ones(200))], 1, 2)

    draws = Draws(units, resamples=20_000)
    [[found]] = draws.intervals(terms, lambda sums: divided(sums[:, 0], sums[:, 1])[None])

    oracle = stats.bootstrap(
        (values,), np.mean, n_resamples=20_000, method="percentile", rng=np.random.default_rng(4)
    ).confidence_interval
    assert found == pytest.approx((oracle.low, oracle.high), abs=0.005)


def test_draws_of_many_persons_count_as_many_as_there_are() -> None:
    counts = drawn(5_000, 900, 1)

    assert (counts.dtype, set(counts.sum(axis=0).tolist())) == (np.dtype("float32"), {5_000.0})


def test_no_interval_leaves_the_range_of_its_figure() -> None:
    # Moved to the figure itself, the highest resamples would pass 1.
    answers = people("p", "aaab" * 5) + people("q", "aaab" * 5) + people("r", "aaab" * 4 + "aaba")

    [group] = agreement_document(
        study="s", stage="relevance", question=CHOICE, answers=answers, resamples=200
    )["groups"]

    assert group["intervals"]["percent"][1] <= 1
    assert group["intervals"]["cohen_kappa"][1] == 1


def test_equal_answers_give_equal_intervals() -> None:
    assert made("ordinal", panel(), 50) == made("ordinal", panel(), 50)


def test_what_is_about_one_person_has_no_interval() -> None:
    answers = people("p", "abab") + people("q", "abba")
    facts = {str(unit): UnitFacts("only") for unit in range(4)}

    found = agreement_document(
        study="s", stage="relevance", question=CHOICE, answers=answers, facts=facts, resamples=50
    )

    assert (found["intervals"]["alpha"], found["pairs"][0]["intervals"]["percent"]) == (None, None)
    assert {"figure": "alpha", "reason": "all of it is about one person"} in found["no_interval"]


def test_figures_rest_on_the_persons_compared_and_not_on_all_answered() -> None:
    steps = people("p", ["high", "low", "high", "low"]) + people("q", ["high", "low"])
    facts = {str(unit): UnitFacts(f"p{unit}") for unit in range(4)}

    found = agreement_document(
        study="s", stage="relevance", question=STEPS, answers=steps, facts=facts, resamples=50
    )

    row = next(row for row in found["raters"] if row["rater"] == "p")
    none = {name for name, interval in row["intervals"].items() if interval is None}
    assert {"recall", "precision", "f1", "over_selection"} <= none  # one person is called high
    assert {"accuracy", "positive_rate"}.isdisjoint(none)


def test_figures_that_most_resamples_lack_have_no_interval() -> None:
    values = np.array([[np.nan] * 6 + [1.0] * 4])

    [found] = bounds(values, np.array([False]))

    assert getattr(found, "reason", None) == "most resamples give no figure"


def test_answers_about_nobody_are_drawn_item_by_item() -> None:
    found = agreement_document(
        study="s", stage="relevance", question=STEPS, resamples=50,
        answers=people("p", ["low", "mid", "high"]) + people("q", ["low", "high", "high"]),
    )  # fmt: skip

    described = {key: found["intervals"][key] for key in ("method", "level", "clusters")}
    assert described == {"method": "percentile", "level": 0.95, "clusters": 3}
