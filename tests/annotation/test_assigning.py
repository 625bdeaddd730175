"""How a stage's places are given out, as the document says it: faults name their place."""

from typing import Any

import pytest

from annotation.document import stage_faults

NAMED_X = {"rules": ["no_majority"], "question": "x"}
GOOD = {"expected": {"quality": "good"}}
PAIR = {"prompt": "q", "responses": ["a", "b"]}


def faults(stage: str, **section: Any) -> list[tuple[str, str]]:
    """(path below the stage, sentence)."""
    document = {"slug": "alps", "survey": [], "stages": {stage: section}}
    return [
        (".".join(str(part) for part in path[1:]), sentence)
        for path, sentence in stage_faults(document["stages"], document)
    ]


def test_stage_faults_accepts_all_that_a_stage_may_say() -> None:
    known = {**PAIR, "expected": {"preference": ["first_much", "first_better"]}}

    assert not faults(
        "response",
        gold={"every": 10, "practice": 1, "items": [known]},
        checks={"every": 20, "items": [{"item": "i", "expected": {"quality": {"a": "good"}}}]},
        repeats={"every": 15},
        adaptive={"up_to": 5, "when": {"spread": 2}},
        adjudication={"rules": ["owner_against_peers", {"spread": 3}]},
        eligibility={"peer": {"quota": 3, "not_in": ["other"]}},
    )


@pytest.mark.parametrize(
    ("section", "path", "sentence"),
    [
        ({"adaptive": {"up_to": 3}}, "adaptive.up_to", "more than the overlap of 3"),
        ({"adaptive": {"up_to": 5, "when": "x"}}, "adaptive.when", "This must be 'no_majority'"),
        ({"adaptive": {"up_to": 5, "role": "expert"}}, "adaptive.role", "Fewer than two experts"),
        ({"adjudication": {"rules": ["x"]}}, "adjudication.rules.0", "This must be"),
        ({"adjudication": NAMED_X}, "adjudication.question", "No question"),
        ({"order": "random"}, "order", "This must be"),
        ({"first": ["q"]}, "", "First needs order"),
        ({"seed": -1}, "seed", "greater than or equal to 0"),
        ({"eligibility": {"peers": {}}}, "eligibility.peers", "Unknown key"),
        ({"eligibility": {"peer": {"comprehension": True}}}, "eligibility.peer.comprehension", ""),
        ({"eligibility": {"peer": {"not_in": ["alps"]}}}, "eligibility.peer.not_in", "its own"),
        ({"repeats": {"every": 1}}, "repeats.every", "greater than or equal to 2"),
        ({"gold": {"items": [{**PAIR, **GOOD}]}}, "gold", "every so many"),
        ({"gold": {"every": 2, "items": [GOOD]}}, "gold.items.0", "Name"),
    ],
)  # fmt: skip
def test_stage_faults_name_their_place(section: dict[str, Any], path: str, sentence: str) -> None:
    (fault,) = faults("response", **section)

    assert fault[0] == path
    assert sentence in fault[1]


def test_stage_faults_refuse_answers_that_cannot_be_right() -> None:
    items = [
        {**PAIR, "expected": {"preference": "best"}},
        {**PAIR, "expected": {"nothing": 1}},
        {**PAIR, "expected": {"preference": [{"a": ["b"]}, [1]]}},
        {"attribute": "a1", "expected": {"preference": "first_much"}},
    ]

    paths = [path for path, _ in faults("response", gold={"every": 2, "items": items})]

    assert paths == [
        "gold.items.0.expected.preference",
        "gold.items.1.expected.nothing",
        "gold.items.2.expected.preference",
        "gold.items.3",
    ]


@pytest.mark.parametrize(
    ("expected", "reason"),
    [
        (7000, "Give a number from 0 to 10."),
        (4.2, "Give a number in steps of 0.5 from 0."),
        ([3, -1], "Give a number from 0 to 10."),
        (True, "Give a number from 0 to 10."),
    ],
)
def test_stage_faults_refuse_numbers_that_no_slider_gives(expected: Any, reason: str) -> None:
    slider = {"key": "s", "kind": "slider", "scale": "interval", "min": 0, "max": 10, "step": 0.5}
    rubric = {"version": 1, "questions": [{**slider, "wording": {"peer": {"en": "?"}}}]}
    items = [{**PAIR, "expected": {"s": expected}}, {**PAIR, "expected": {"s": [4, 4.5]}}]

    (fault,) = faults("response", rubric=rubric, gold={"every": 2, "items": items})

    assert fault[0] == "gold.items.0.expected.s"
    assert fault[1].endswith(f"is no answer to “s”. {reason}")


def test_stage_faults_refuse_a_condition_on_what_is_not_asked() -> None:
    rules = {"answers": [{"question": "age", "accept": [{"min": 18}]}]}

    (fault,) = faults("extraction", eligibility={"expert": rules})

    assert fault == (
        "eligibility.expert.answers.0.accept", "The survey has no question “age”."
    )  # fmt: skip


def test_stage_faults_refuse_a_spread_where_there_is_no_order() -> None:
    question = {
        "key": "kind", "kind": "choice", "scale": "nominal", "wording": {"peer": {"en": "?"}},
        "options": [{"value": one, "label": {"en": one}} for one in "ab"],
    }  # fmt: skip
    rubric = {"version": 1, "questions": [question]}

    (fault,) = faults("relevance", rubric=rubric, adaptive={"up_to": 5, "when": {"spread": 1}})

    assert fault == ("adaptive.when", "“kind” has no order, so its answers have no spread.")
