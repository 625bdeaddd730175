"""The judge that goes by words: it fills any rubric, the same way each time."""

from typing import Any

import pytest
from hypothesis import given, settings

from annotation.baseline import solve
from annotation.rubrics.answers import Targets
from annotation.rubrics.document import Rubric, parse_rubric
from annotation.rubrics.judging import judge_schema, read_judgments
from annotation.rubrics.loading import load_default
from llm.parsing import why_invalid
from tests.annotation.rubrics.strategies import RUBRICS, TARGETS

PAIR = Targets(responses=("A", "B"), attributes=("a1",))


def inputs(rubric: Rubric, targets: Targets, *texts: str) -> dict[str, Any]:
    """A question about one item, whose responses have these texts."""
    said = [*texts, "tea", "tea"]
    pairs = zip(targets.responses, said, strict=False)
    item = {
        "id": "i1",
        "attribute": "Likes green tea",
        "responses": [{"id": side, "text": text} for side, text in pairs],
        "attributes": [{"id": short, "text": "Likes tea"} for short in targets.attributes],
    }
    return {
        "context": {"prompt": {"text": "Which tea and which cup?", "before": []}},
        "items": [item],
        "rubrics": {"i1": rubric.model_dump(mode="json", exclude_defaults=True)},
    }


def answers(stage: str, targets: Targets, *texts: str) -> dict[str, Any]:
    rubric = parse_rubric(load_default(stage))
    found: dict[str, Any] = solve(inputs(rubric, targets, *texts))["items"]["i1"]
    return found


@given(RUBRICS, TARGETS)
@settings(max_examples=80)
def test_solve_fills_any_rubric(rubric: Rubric, targets: Targets) -> None:
    value = solve(inputs(rubric, targets))

    if value["items"]:
        assert why_invalid(value, judge_schema(rubric, [("i1", targets)])) is None
        assert isinstance(read_judgments(rubric, value, [("i1", targets)])["i1"], dict)


@pytest.mark.parametrize(
    ("texts", "favoured"),
    [
        (("A green one in a white cup, warm but not hot.", "No idea."), "first"),
        (("No idea.", "A green one in a white cup, warm but not hot."), "second"),
        (("Tea.", "Tea!"), "none"),
    ],
)
def test_solve_prefers_what_says_more(texts: tuple[str, str], favoured: str) -> None:
    rubric = parse_rubric(load_default("response"))
    question = next(each for each in rubric.questions if each.kind == "pairwise")

    answer = answers("response", PAIR, *texts)[question.key]

    assert {option.value: option.favours for option in question.options}[answer] == favoured


def test_solve_calls_relevant_what_shares_words() -> None:
    assert answers("relevance", Targets())["relevance"] in ("must", "shape", "optional")


def test_solve_judges_a_statement_by_its_quote() -> None:
    rubric = parse_rubric(load_default("extraction"))
    question = inputs(rubric, Targets())
    turns = [{"position": 0, "role": "user", "content": "I have a cat. Green tea, I like it."}]
    question["context"] = {"conversation": {"turns": turns}}
    accurate = solve(question)["items"]["i1"]["accuracy"]
    question["items"][0]["evidence"] = [{"turn": 0, "start": 0, "end": 13}]

    assert (accurate, solve(question)["items"]["i1"]["accuracy"]) == ("accurate", "inaccurate")
