"""Any rubric is a form, a judge's schema, columns and a statistic, and all of them agree."""

from functools import partial
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from annotation.rubrics.answers import check_answers, spread
from annotation.rubrics.columns import columns
from annotation.rubrics.forms import answer_form
from annotation.rubrics.judging import instructions, judge_schema, read_judgments
from annotation.rubrics.sides import as_shown, in_item_order
from annotation.rubrics.statistic import measurement
from tests.annotation.rubrics.strategies import RUBRICS, Answered, answered, posted

EXAMPLES = settings(max_examples=60)
JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text()
    | st.sampled_from(["8/10", "８", "\x00", "\ud800", 10**400, float("nan")]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=5,
)


@EXAMPLES
@given(case=answered(), swapped=st.booleans(), prefix=st.sampled_from(["", "i1-"]))
def test_form_and_json_give_the_same_answers(case: Answered, swapped: bool, prefix: str) -> None:
    make = partial(
        answer_form,
        case.rubric,
        role=case.role,
        language="ko",
        targets=case.targets,
        swapped=swapped,
        prefix=prefix,
    )
    data = posted(make(), case.answers)

    form = make(data=data)

    assert form.is_valid(), form.errors
    assert form.answers() == case.answers == checked(case, case.answers)
    assert all(f'name="{name}"' in str(form) for name in data)


@EXAMPLES
@given(case=answered())
def test_judge_schema_accepts_valid_answers(case: Answered) -> None:
    items = [("1", case.targets), ("2", case.targets)]
    schema = judge_schema(case.rubric, items, role=case.role)
    filled = with_nulls(schema["$defs"]["answers_1"], case.answers)
    value = {"items": {"1": filled, "2": filled}}

    Draft202012Validator.check_schema(schema)
    Draft202012Validator(schema).validate(value)
    read = read_judgments(case.rubric, value, items, role=case.role)

    assert read == {"1": case.answers, "2": case.answers}


@EXAMPLES
@given(case=answered(), data=st.data())
def test_judge_schema_refuses_values_off_the_scale(case: Answered, data: st.DataObject) -> None:
    scaled = [key for key in case.answers if case.rubric.question(key).scale]
    if not scaled:
        return
    items = [("1", case.targets)]
    schema = judge_schema(case.rubric, items, role=case.role)
    wrong = replaced(case, data.draw(st.sampled_from(scaled)), 10**9)
    value = {"items": {"1": with_nulls(schema["$defs"]["answers_1"], wrong)}}

    assert not Draft202012Validator(schema).is_valid(value)
    assert isinstance(read_judgments(case.rubric, value, items, role=case.role)["1"], str)


@EXAMPLES
@given(rubric=RUBRICS)
def test_every_question_has_a_column_and_a_measurement(rubric: Any) -> None:
    names = [column.name for column in columns(rubric)]
    measured = [measurement(question) for question in rubric.questions]

    assert names == [question.key for question in rubric.questions]
    assert [each.key for each in measured] == names
    assert all(each.is_measured == (each.scale is not None) for each in measured)
    assert isinstance(instructions(rubric, language="es"), str)


@EXAMPLES
@given(case=answered())
def test_mirror_undoes_itself_and_keeps_answers_valid(case: Answered) -> None:
    stored = in_item_order(case.rubric, case.answers, swapped=True)

    assert checked(case, stored) == stored
    assert as_shown(case.rubric, stored, swapped=True) == case.answers
    assert in_item_order(case.rubric, case.answers, swapped=False) == case.answers


@EXAMPLES
@given(case=answered(), data=st.data(), value=JSON)
def test_foreign_values_are_refused_with_a_sentence(
    case: Answered, data: st.DataObject, value: Any
) -> None:
    keys = [question.key for question in case.rubric.questions]
    mutated = case.answers | {data.draw(st.sampled_from([*keys, "\ud800", "other"])): value}

    sentences, answers = examined(case, mutated)

    assert all(sentence.encode() for sentence in sentences)
    assert bool(sentences) != (answers is not None and checked(case, answers) == answers)


@EXAMPLES
@given(case=answered(), data=st.data())
def test_missing_required_answers_are_refused(case: Answered, data: st.DataObject) -> None:
    required = [key for key in case.answers if case.rubric.question(key).required]
    if not required:
        return
    key = data.draw(st.sampled_from(required))
    rest = {other: value for other, value in case.answers.items() if other != key}

    with pytest.raises(ValidationError) as refused:
        checked(case, rest)

    assert "Please answer this question." in str(refused.value.message_dict[key])


@EXAMPLES
@given(case=answered(), value=JSON)
def test_foreign_judgments_are_read_without_an_exception(case: Answered, value: Any) -> None:
    items = [("1", case.targets)]

    for answer in (value, {"items": value}, {"items": {"1": value}}):
        read = read_judgments(case.rubric, answer, items, role=case.role)

        assert list(read) == ["1"]


def checked(case: Answered, answers: Any) -> dict[str, Any]:
    return check_answers(case.rubric, role=case.role, answers=answers, targets=case.targets)


def examined(case: Answered, answers: Any) -> tuple[list[str], dict[str, Any] | None]:
    """The sentences of a refusal, or the answers as they are stored."""
    try:
        return [], checked(case, answers)
    except ValidationError as error:
        return error.messages + list(error.message_dict), None


def replaced(case: Answered, key: str, value: Any) -> dict[str, Any]:
    places = spread(case.rubric, case.answers)[key]
    wrong = value if "" in places else dict.fromkeys(places, value)
    return case.answers | {key: wrong}


def with_nulls(schema: dict[str, Any], answers: dict[str, Any]) -> dict[str, Any]:
    """The answers with null for all else that the schema lists, as a strict mode returns them."""
    filled: dict[str, Any] = {}
    for key, shape in schema["properties"].items():
        if shape["type"] == "object":
            filled[key] = dict.fromkeys(shape["properties"]) | answers.get(key, {})
        else:
            filled[key] = answers.get(key)
    return filled
