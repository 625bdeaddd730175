"""How often intervals of agreement hold the truth of planted data: `python -m bench.coverage`.

Prints one JSON document. Judgments: nine raters, three on each item, four items about a person, who
is more or less easy to judge; the truth is what the figures of a far larger sample are. Estimates
with a judge: five items about a person, a judge half a step too generous on all of them, people on
those of a few persons; the truth is planted. Nothing is read from a site.
"""

import argparse
import json
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from annotation.agreement.answers import Answer, Question
from annotation.agreement.document import agreement_document
from annotation.agreement.units import UnitFacts

SEED = 11
LABELS = ("a", "b", "c", "d")
RATERS, PLACES, ITEMS, JUDGED_ITEMS = 9, 3, 4, 5
MANY_PERSONS = 6_000
TRUE_MEAN = 3.0
PERSONS = (25, 60)
POWERED = ((12, 40), (30, 100))
"""Persons judged by people as well, of how many."""

KIND = Question("kind", "nominal", LABELS)
SCORE = Question("score", "interval")
Answers = tuple[list[Answer], dict[str, UnitFacts]]
Ends = list[float] | None


def main() -> None:
    """Measure, and print what was found."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sets", type=int, default=250, help="data sets of each size")
    parser.add_argument("--resamples", type=int, default=1_000)
    options = parser.parse_args()
    rng = np.random.default_rng(SEED)
    truth = {
        name: value
        for name, value, _ in _of_judgments(_document(KIND, _judged(rng, MANY_PERSONS), 2))
    }
    rows = []
    for persons in PERSONS:
        found = (
            _document(KIND, _judged(rng, persons), options.resamples) for _ in range(options.sets)
        )
        rows += _covered({"persons": persons}, (_of_judgments(one) for one in found), truth)
    for judged, persons in POWERED:
        found = (
            _document(SCORE, _scored(rng, judged, persons), options.resamples)
            for _ in range(options.sets)
        )
        size = {"persons": judged, "of": persons}
        true = {"powered mean": TRUE_MEAN, "people's mean": TRUE_MEAN}
        rows += _covered(size, (_of_scores(one) for one in found), true)
    made = {"seed": SEED, "sets": options.sets, "resamples": options.resamples}
    print(json.dumps(made | {"truth": truth, "figures": rows}, indent=1))


def _document(question: Question, given: Answers, resamples: int) -> dict[str, Any]:
    return agreement_document(
        study="bench", stage="response", question=question, answers=given[0], facts=given[1],
        resamples=resamples,
    )  # fmt: skip


def _judged(rng: np.random.Generator, persons: int) -> Answers:
    answers: list[Answer] = []
    facts: dict[str, UnitFacts] = {}
    for person in range(persons):
        easy = rng.beta(2, 2)
        for unit in (f"u{person}-{item}" for item in range(ITEMS)):
            facts[unit] = UnitFacts(f"p{person}")
            right = rng.integers(len(LABELS))
            for rater in rng.choice(RATERS, PLACES, replace=False):
                said = right if rng.random() < easy else rng.integers(len(LABELS))
                answers.append(Answer(unit, f"r{rater}", "peer", "human", LABELS[said]))
    return answers, facts


def _scored(rng: np.random.Generator, judged: int, persons: int) -> Answers:
    answers: list[Answer] = []
    facts: dict[str, UnitFacts] = {}
    for person in range(persons):
        own = rng.normal(TRUE_MEAN, 0.6)
        for unit in (f"u{person}-{item}" for item in range(JUDGED_ITEMS)):
            facts[unit] = UnitFacts(f"p{person}")
            number = rng.normal(own, 0.5)
            generous = _half(number + 0.5 + rng.normal(0, 0.3))
            answers.append(Answer(unit, "judge", "llm", "llm", generous))
            if person < judged:
                answers.append(Answer(unit, "w", "peer", "human", _half(number)))
    return answers, facts


def _half(number: float) -> float:
    """Rounded to halves, which lie evenly around the true mean."""
    return round(2 * float(number)) / 2


Figures = list[tuple[str, float | None, Ends]]
"""What a figure is called, its value and its interval."""


def _of_judgments(document: dict[str, Any]) -> Figures:
    group = document["groups"][0]
    of_all, of_group = document["intervals"], group["intervals"]
    return [
        ("alpha", document["alpha"], of_all.get("alpha")),
        ("Fleiss' kappa", document["fleiss_kappa"], of_all.get("fleiss_kappa")),
        ("pooled kappa", group["pooled_kappa"], of_group.get("pooled_kappa")),
        ("raw agreement", group["percent"], of_group.get("percent")),
        ("mean of pairs' kappas", group["cohen_kappa"], of_group.get("cohen_kappa")),
    ]


def _of_scores(document: dict[str, Any]) -> Figures:
    row = document["powered"][0]
    return [
        ("powered mean", row["value"], row["intervals"].get("value")),
        ("people's mean", row["people"], row["intervals"].get("people")),
    ]


def _covered(
    size: dict[str, int], documents: Iterator[Figures], truth: Mapping[str, float | None]
) -> list[dict[str, Any]]:
    """Per figure: of `n` intervals the share that hold the truth, and how many miss it where."""
    counts: dict[str, Counter[str]] = {name: Counter() for name in truth}
    for name, ends, true in (
        (name, ends, truth[name]) for found in documents for name, _, ends in found
    ):
        if ends is not None and true is not None:
            counts[name].update(n=1, below=int(ends[1] < true), above=int(ends[0] > true))
    return [
        size | {"figure": name, "covered": round(1 - (one["below"] + one["above"]) / one["n"], 3)}
        | {key: one[key] for key in ("n", "below", "above")}
        for name, one in counts.items()
    ]  # fmt: skip


if __name__ == "__main__":
    main()
