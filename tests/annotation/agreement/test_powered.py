"""Prediction-powered estimates: by hand, on planted truth, and as they come with a document."""

from typing import Any

import numpy as np
import pytest

from annotation.agreement.document import agreement_document
from annotation.agreement.powered import Numbers, powered_of, powered_terms
from annotation.agreement.resampled.draws import Draws, point
from annotation.agreement.units import ResponseFacts, UnitFacts
from tests.annotation.agreement.factories import PREFERENCE, STEPS, judge, people

NAN = float("nan")


def planted(seed: int, labelled: int, every: int, slant: float = 0.3) -> Numbers:
    """People's numbers around 2, a judge who is too generous by `slant`, and few people."""
    rng = np.random.default_rng(seed)
    truth = rng.normal(2, 1, every)
    judged = truth + slant + rng.normal(0, 0.5, every)
    return Numbers("mean", judged, np.where(np.arange(every) < labelled, truth, np.nan))


def estimate(numbers: Numbers) -> list[float]:
    found: list[float] = point(powered_terms(numbers), powered_of)[:, 0].tolist()
    return found


def test_estimate_by_hand() -> None:
    judged, given = np.array([1.0, 3.0, 2.0, 4.0]), np.array([1.0, 2.0, NAN, NAN])

    value, alone, weight = estimate(Numbers("mean", judged, given))

    # Covariance over both (by n) 0.5; variance of all four 5/3; n/N = 1.
    tuned = 0.5 / (2 * 5 / 3)
    assert [alone, weight] == pytest.approx([1.5, tuned])
    assert value == pytest.approx(1.5 + tuned * (3 - 2))


@pytest.mark.parametrize(
    ("seed", "labelled", "every", "value", "ends"),
    [
        (1, 60, 400, 1.87044207, (1.73847723, 2.00240692)),
        (2, 150, 300, 1.95331316, (1.83125429, 2.07537202)),
        (3, 40, 1000, 2.08260307, (1.93195151, 2.23325464)),
    ],
)
def test_estimate_is_that_of_its_authors_and_the_interval_is_close_to_theirs(
    seed: int, labelled: int, every: int, value: float, ends: tuple[float, float]
) -> None:
    """Figures of ppi-python 0.2.3 (ppi_mean_pointestimate, ppi_mean_ci) on the same numbers."""
    numbers = planted(seed, labelled, every)

    found = Draws(np.arange(every)).intervals(powered_terms(numbers), powered_of)[0]

    assert estimate(numbers)[0] == pytest.approx(value, abs=1e-8)
    assert found == [pytest.approx(ends, abs=0.04)]


def test_a_judge_without_a_link_to_people_gets_no_weight() -> None:
    judged, given = np.array([1.0, 1.0, 1.0, 1.0]), np.array([1.0, 2.0, NAN, NAN])

    assert estimate(Numbers("mean", judged, given)) == [1.5, 1.5, 0.0]


def test_intervals_cover_the_truth_and_are_narrower_than_those_of_people_alone() -> None:
    held = {"value": 0, "people": 0}
    widths = {"value": 0.0, "people": 0.0}
    for seed in range(60):
        draws = Draws(np.arange(400), resamples=300, seed=seed)
        found = draws.intervals(powered_terms(planted(seed, 60, 400)), powered_of)
        for name, [(low, high)] in zip(held, found, strict=False):  # type: ignore[misc]
            held[name] += low <= 2 <= high
            widths[name] += high - low

    assert held["value"] >= 52  # of 60; 57 are expected at 95 %
    assert widths["value"] < 0.8 * widths["people"]


def row_of(found: dict[str, Any]) -> dict[str, Any]:
    [row] = found["powered"]
    return {key: row[key] for key in ("figure", "of", "n", "more", "people")}


def test_document_combines_a_judge_with_few_people() -> None:
    answers = people("p", ["low", "high", "high"]) + judge("j", ["low", "high", "mid", "high"])

    found = agreement_document(
        study="s", stage="response", question=STEPS, answers=answers, resamples=50
    )

    mean, positive = found["powered"]
    assert (mean["figure"], mean["n"], mean["more"]) == ("mean", 3, 1)
    assert (mean["people"], positive["people"]) == (pytest.approx(4 / 3), pytest.approx(2 / 3))
    assert sorted(mean["intervals"]) == ["people", "value"]


def test_preference_is_between_strategies_whatever_stands_first() -> None:
    one, other = (ResponseFacts(10, None, "m", name) for name in ("all", "generic"))
    facts = {"0": UnitFacts("a", one, other), "1": UnitFacts("b", other, one),
             "2": UnitFacts("c", one, other)}  # fmt: skip
    answers = people("p", ["A", "B"]) + judge("j", ["A", "B", "A"])

    found = agreement_document(
        study="s", stage="response", question=PREFERENCE, answers=answers, facts=facts, resamples=50
    )

    assert row_of({"powered": [found["powered"][-1]]}) == {
        "figure": "preference", "of": ["all", "generic"], "n": 2, "more": 1, "people": 1.0
    }  # fmt: skip


def test_estimate_without_more_of_the_judge_says_so() -> None:
    found = agreement_document(
        study="s", stage="response", question=STEPS, resamples=50,
        answers=people("p", ["low", "high"]) + judge("j", ["low", "mid"]),
    )  # fmt: skip

    assert found["powered"][0]["value"] is None
    assert {
        "figure": "prediction-powered mean of j",
        "reason": "the judge judged nothing that people did not",
    } in found["undefined"]
