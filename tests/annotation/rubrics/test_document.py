from typing import Any

import pytest
from django.core.exceptions import ValidationError

from annotation.rubrics.document import in_language, parse_rubric
from tests.annotation.rubrics.samples import PANDALM, ask, option, pair, rubric, side

KINDS = "'boolean', 'choice', 'ordinal', 'slider', 'pairwise', 'spans', 'text' or 'list'"


def faults(*questions: Any) -> list[str]:
    with pytest.raises(ValidationError) as refused:
        rubric(*questions)
    return refused.value.messages


def test_parse_rubric_takes_the_documented_sample() -> None:
    parsed = parse_rubric(PANDALM)

    assert [question.key for question in parsed.questions] == ["preference", "quality"]
    assert parsed.steps == (("preference", "quality"),)


@pytest.mark.parametrize("data", [None, 3, "text", [], {}, {"version": 1, "questions": []}])
def test_parse_rubric_refuses_what_is_no_rubric(data: Any) -> None:
    with pytest.raises(ValidationError):
        parse_rubric(data)


@pytest.mark.parametrize("version", [True, 0, "1", 1.5])
def test_parse_rubric_refuses_a_version_that_is_no_count(version: Any) -> None:
    with pytest.raises(ValidationError, match="version: "):
        parse_rubric(PANDALM | {"version": version})


def test_parse_rubric_names_the_place_of_each_fault() -> None:
    found = faults(ask(extra=1), ask("b", kind="choise"), ask("c", options=[{"value": 1}]))

    assert found == [
        "questions[0].extra: is not a known key",
        f"questions[1].kind: should be {KINDS}",
        "questions[2].options[0].value: should be a text; a number or yes/no needs quotation marks",
        "questions[2].options[0].label: is missing",
    ]


def test_parse_rubric_gives_the_path_for_line_numbers() -> None:
    with pytest.raises(ValidationError) as refused:
        rubric(ask(), ask())

    (fault,) = refused.value.error_list
    assert (fault.params or {})["path"] == ("questions", 1, "key")


YES = option("yes")
REFUSED = [
    (ask(key="Truth"), "[0].key"),
    (ask(scale="ordinal"), "[0].scale: a question of kind choice needs nominal"),
    (ask(scale=None), "[0].scale: a question of kind choice needs nominal"),
    (ask(kind="text", scale="nominal"), "[0].scale: a question of kind text has none"),
    (ask(options=[YES]), "[0].options: at least two"),
    (ask(options=[YES, option("x", off_scale=True)]), "[0].options: at least two"),
    (ask(options=[YES, YES]), '[0].options[1].value: "yes" is the value of an earlier'),
    (ask(options=[option("a", key="1"), option("b", key="1")]), "[0].options[1].key"),
    (ask(options=[option("a", key="12"), YES]), "[0].options[0].key"),
    (ask(options=[option("a", off_scale=True, positive=True), YES, option("b")]), "positive"),
    (ask(options=[YES, option("b", favours="first")]), "[0].options[1].favours"),
    (ask(kind="text", options=[YES]), "[0].options: a question of kind text has none"),
    (ask(kind="boolean", options=[YES]), "[0].options: a boolean's are"),
    (ask(min=1), "[0].min: a question of kind choice has none"),
    (ask(max_length=5), "[0].max_length: a question of kind choice has none"),
    (ask(max_items=5), "[0].max_items: a question of kind choice has none"),
    (ask(wording={}), "[0].wording"),
    (ask(wording={"stranger": {"en": "?"}}), "[0].wording.stranger"),
    (ask(wording={"peer": {"en": " "}}), "[0].wording.peer.en"),
    (ask(wording={"peer": {"en": "\x00 %s"}}), "holds a NUL"),
    (ask(wording={"peer": {"en": "\ud800"}}), "[0].wording.peer.en"),
    (ask(roles=[]), "[0].roles"),
    (ask(asked_if={"later": ["x"]}), "[0].asked_if.later: names no earlier question"),
]


@pytest.mark.parametrize(("question", "fault"), REFUSED)
def test_parse_rubric_refuses_a_question(question: dict[str, Any], fault: str) -> None:
    assert fault in "\n".join(faults(question))


SLIDER = {"min": 0, "max": 3, "step": 0.1}
GRIDS = [
    ({"min": 3}, "[0].max: must be greater than min"),
    ({"step": 0}, "[0].step: must be greater than 0"),
    ({"step": -1}, "[0].step: must be greater than 0"),
    ({"step": 0.7}, "[0].step: must divide"),
    ({"step": 0.0001}, "[0].step: makes more than"),
    ({"step": None}, "[0].step: is missing"),
    ({"max": float("nan")}, "[0].max"),
    ({"max": True}, "[0].max"),
]


@pytest.mark.parametrize(("change", "fault"), GRIDS)
def test_parse_rubric_refuses_a_slider_without_a_grid(change: dict[str, Any], fault: str) -> None:
    slider = ask(kind="slider", scale="interval", **SLIDER | change)

    assert fault in "\n".join(faults(slider))


PAIRS = [
    (pair(side("a", "first"), option("b")), "[0].options[1].favours: is missing"),
    (pair(side("a", "first"), side("t", "none")), "1 favour the first side and 0 the second"),
    (pair(side("a", "first", strength=1), side("b", "second")), "to every option"),
    (pair(side("a", "first", strength=1), side("b", "second", strength=2)), "each strength"),
    (pair(side("a", "first"), side("b", "second"), side("t", "none")), "from one side to the"),
    (pair(side("a", "first"), side("b", "second"), side("t", "none", strength=1)), "strength"),
    (pair(per="response"), "[0].per: a pairwise question compares"),
]


@pytest.mark.parametrize(("question", "fault"), PAIRS)
def test_parse_rubric_refuses_lopsided_pairs(question: dict[str, Any], fault: str) -> None:
    assert fault in "\n".join(faults(question))


CONDITIONS = [
    (ask("a"), {"a": ["maybe"]}, "'maybe' is not among its values"),
    (ask("a"), {"a": [True]}, "True is not among its values"),
    (ask("a"), {"a": [1]}, "should be true, false, or an option's value"),
    (ask("a", "boolean"), {"a": ["true"]}, "'true' is not among its values"),
    (ask("a", "text"), {"a": ["x"]}, "a question of kind text cannot be a condition"),
    (ask("a", per="response"), {"a": ["yes"]}, "is asked per response, this question per item"),
    (pair(), {"better": ["a1", "a2"]}, "must name the mirror image of each value"),
]


@pytest.mark.parametrize(("base", "condition", "fault"), CONDITIONS)
def test_parse_rubric_refuses_a_condition(base: Any, condition: Any, fault: str) -> None:
    assert fault in "\n".join(faults(base, ask("late", asked_if=condition)))


def test_parse_rubric_refuses_a_lock_after_open_questions() -> None:
    found = faults(ask("a"), ask("b", locked=True))

    assert found == ["questions[1].locked: a locked question must stand before those that are not"]


def test_steps_puts_locked_questions_first() -> None:
    assert rubric(ask("a", locked=True), ask("b"), ask("c")).steps == (("a",), ("b", "c"))


def test_worded_falls_back_from_role_to_peer_to_any() -> None:
    wording = {"owner": {"en": "You?"}, "peer": {"en": "They?", "ko": "그들?"}}
    question = rubric(ask(wording=wording)).questions[0]

    assert question.worded("owner", "ko") == "You?"
    assert question.worded("llm", "ko-KR") == "그들?"
    assert question.worded("expert", "fr", first_language="ko") == "그들?"


def test_in_language_ends_with_any_language() -> None:
    assert in_language({"ko": "예"}, "fr", "de") == "예"
