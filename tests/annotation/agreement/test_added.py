"""Answers asked for because others disagreed: they help references, and sample nothing."""

from dataclasses import replace
from typing import Any

import pytest

from annotation.agreement.answers import Answer, Question
from annotation.agreement.document import agreement_document
from annotation.agreement.units import ResponseFacts, UnitFacts
from tests.annotation.agreement.factories import PREFERENCE, STEPS, judge, people

YES_OR_NO = Question("helps", "nominal", (True, False), positive=frozenset({True}))
NOTHING_HELD = "all that this rater said is unreadable, or was asked as others disagreed"


def made(question: Question, answers: list[Answer], **more: Any) -> dict[str, Any]:
    return agreement_document(
        study="s", stage="response", question=question, answers=answers, resamples=50, **more
    )


def added(answers: list[Answer]) -> list[Answer]:
    """The same as answers to places that were opened because others disagreed."""
    return [replace(answer, added=True) for answer in answers]


def planted_population() -> tuple[list[Answer], list[Answer]]:
    """125 items to each of which four of five people say yes; a third is asked where two differ.

    Every outcome stands as often as it is to be expected: of 125 items 80 get yes twice, 5 no
    twice, and of the 40 between, 32 get a third yes. A judge says yes to four of five of these
    items, and of 125 that nobody else judged.
    """
    one = [True] * 120 + [False] * 5
    other = [True] * 80 + [False] * 45
    third = ["-"] * 80 + [True] * 32 + [False] * 8 + ["-"] * 5
    judged = [True] * 100 + [False] * 25
    base = people("p", one) + people("q", other) + judge("j", judged * 2)
    return base, people("r", third)


def share_of_yes(answers: list[Answer]) -> dict[str, Any]:
    [row] = made(YES_OR_NO, answers)["powered"]
    return {name: pytest.approx(row[name]) for name in ("people", "value")}


def test_prediction_powered_share_is_the_planted_one_without_added_answers_alone() -> None:
    base, third = planted_population()

    assert share_of_yes(base) == {"people": 0.8, "value": 0.8}
    assert share_of_yes(base + added(third)) == {"people": 0.8, "value": 0.8}
    # What it was while they counted: a majority looks more certain than people are.
    assert share_of_yes(base + third) == {"people": 0.832, "value": 0.832}


def test_an_adjudicator_of_what_nobody_else_judged_is_no_sample_of_people() -> None:
    judged = judge("j", ["low", "high", "mid", "high"])
    decided = added(people("e", ["-", "-", "low", "-"], role="expert"))

    [mean, _] = made(STEPS, people("p", ["low", "high"]) + judged + decided)["powered"]

    assert [mean[name] for name in ("n", "judgments", "more", "people")] == [2, 2, 2, 1.0]


def test_what_answers_lean_to_is_told_without_added_ones() -> None:
    long, short = ResponseFacts(200, True, "m"), ResponseFacts(100, False, "m")
    facts = {str(unit): UnitFacts(str(unit), long, short) for unit in range(2)}
    asked = people("p", ["A", "A"]) + people("q", ["B", "A"])
    more = people("r", ["B", "-"]) + people("e", ["B", "-"], role="expert")

    before = made(PREFERENCE, asked, facts=facts)["effects"]

    assert made(PREFERENCE, asked + added(more), facts=facts)["effects"] == before
    assert made(PREFERENCE, asked + more, facts=facts)["effects"] != before


def test_self_consistency_is_of_what_was_asked_of_everything() -> None:
    asked = people("p", ["low", "-"]) + people("q", ["high", "high"])
    more = added(people("p", ["-", "low"]))
    again = people("p", ["low", "high"])

    found = made(STEPS, asked + more, repeats=again)

    assert (found["self_consistency"]["n"], found["self_consistency"]["value"]) == (1, 1.0)
    of_p = next(row for row in found["raters"] if row["rater"] == "p")
    assert of_p["self_consistent"] == {"same": 1, "of": 1}


def test_raters_are_held_to_references_that_count_added_answers_without_their_own() -> None:
    asked = people("p", ["low", "high"]) + people("q", ["low", "low"]) + people("r", ["low", "-"])
    decided = added(people("e", ["-", "low"], role="expert"))

    found = {row["rater"]: row for row in made(STEPS, asked + decided)["raters"]}

    assert [found[name]["accuracy"] for name in "pqre"] == [0.5, 1.0, 1.0, None]
    assert [found["e"][name] for name in ("n", "added", "compared")] == [1, 1, 0]
    gaps = {row["figure"]: row["reason"] for row in made(STEPS, asked + decided)["undefined"]}
    assert gaps["accuracy of e"] == gaps["mean_shift of e"] == NOTHING_HELD


def test_figures_say_on_how_many_items_and_judgments_they_rest() -> None:
    asked = people("p", ["low"] * 4) + people("q", ["low", "high"]) + people("r", ["low"])
    [others] = [people("s", ["-", "-", "-", "high"])]

    found = made(STEPS, asked + added(others))

    assert found["alpha_of"] == {"items": 2, "judgments": 5}
    assert found["fleiss_of"] == {"answers": 2, "items": 1, "judgments": 2, "left_out": 3}
    [group] = found["groups"]
    assert (group["items"], group["judgments"]) == (2, 5)
