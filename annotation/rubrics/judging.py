"""The rubric for a model that judges: the JSON schema it fills, and how its answer is read."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.core.exceptions import ValidationError

from annotation.rubrics.answers import Targets, check_answers, printable
from annotation.rubrics.document import Question, Rubric

DIALECT = "https://json-schema.org/draft/2020-12/schema"

Schema = dict[str, Any]


def judge_schema(
    rubric: Rubric, items: Sequence[tuple[str, Targets]], *, role: str = "llm"
) -> Schema:
    """The JSON schema of `{"items": {short id: {question key: answer}}}`.

    A mapping and not a list, so that the schema itself asks for each item exactly once and for
    exactly the responses and attributes that each item has. Draft 2020-12 within what strict modes
    accept: every key is required, no other is allowed, and what may stay unanswered may be null.
    Lengths, grids and conditions are not in the schema; `read_judgments` checks them.
    """
    shapes: dict[str, Schema] = {}
    names: dict[str, str] = {}
    for short, targets in items:
        schema = _answers_schema(rubric, targets, role)
        known = next((name for name, shape in shapes.items() if shape == schema), None)
        names[short] = known or f"answers_{len(shapes) + 1}"
        shapes[names[short]] = schema
    entries = {short: {"$ref": f"#/$defs/{name}"} for short, name in names.items()}
    return {"$schema": DIALECT, **_object({"items": _object(entries)}), "$defs": shapes}


def read_judgments(
    rubric: Rubric, value: Any, items: Sequence[tuple[str, Targets]], *, role: str = "llm"
) -> dict[str, dict[str, Any] | str]:
    """For each short id its checked answers, or a sentence that says why there are none.

    Nulls count as unanswered. Each item stands on its own: a fault in one leaves the others good,
    and ids that were not asked for are left out.
    """
    answered = value.get("items") if isinstance(value, Mapping) else None
    if not isinstance(answered, Mapping):
        return {short: 'The answer has no "items" with an entry per item.' for short, _ in items}
    return {short: _read(rubric, answered.get(short), targets, role) for short, targets in items}


def instructions(
    rubric: Rubric, role: str = "llm", language: str = "en", first_language: str = ""
) -> str:
    """The questions and the values allowed, as plain text for a judge's prompt."""
    asked = [question for question in rubric.questions if question.is_asked_of(role)]
    paragraphs = [_instruction(question, role, language, first_language) for question in asked]
    return "\n\n".join(paragraphs)


def _read(rubric: Rubric, answers: Any, targets: Targets, role: str) -> dict[str, Any] | str:
    if not isinstance(answers, Mapping):
        return "There is no entry for this item."
    try:
        return check_answers(rubric, role=role, answers=_without_nulls(answers), targets=targets)
    except ValidationError as error:
        sentences = [(key, " ".join(texts)) for key, texts in error.message_dict.items()]
        return " ".join(f"{printable(key)}: {text}" for key, text in sentences)


def _without_nulls(answers: Mapping[str, Any]) -> dict[str, Any]:
    """Answers without null, neither as a whole nor for one response or attribute."""
    kept: dict[str, Any] = {}
    for key, answer in answers.items():
        if isinstance(answer, Mapping):
            answer = {target: value for target, value in answer.items() if value is not None}
        if answer is not None:
            kept[key] = answer
    return kept


def _answers_schema(rubric: Rubric, targets: Targets, role: str) -> Schema:
    properties = {}
    for question in rubric.questions:
        places = targets.places(question) if question.is_asked_of(role) else ()
        if places:
            schema = _value_schema(question)
            by_target = _object(dict.fromkeys(places, schema))
            properties[question.key] = schema if question.per == "item" else by_target
    return _object(properties)


def _object(properties: Schema) -> Schema:
    return {
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }


def _value_schema(question: Question) -> Schema:
    schema = _kind_schema(question)
    if not _may_be_null(question):
        return schema
    schema["type"] = [schema["type"], "null"]
    if "enum" in schema:
        schema["enum"] = [*schema["enum"], None]
    return schema


def _may_be_null(question: Question) -> bool:
    return not question.required or bool(question.asked_if)


def _kind_schema(question: Question) -> Schema:
    span = {"type": "array", "items": {"type": "integer"}, "minItems": 2, "maxItems": 2}
    if question.kind == "boolean":
        return {"type": "boolean"}
    if question.kind == "slider":
        return {"type": "number", "minimum": question.min, "maximum": question.max}
    if question.kind == "spans":
        return {"type": "array", "items": span}
    if question.kind == "list":
        return {"type": "array", "items": {"type": "string"}}
    if question.kind == "text":
        return {"type": "string"}
    return {"type": "string", "enum": [option.value for option in question.options]}


def _instruction(question: Question, role: str, language: str, first_language: str) -> str:
    lines = [f"{question.key}: {question.worded(role, language, first_language)}"]
    if hint := question.hinted(role, language, first_language):
        lines.append(f"  {hint}")
    if question.per != "item":
        lines.append(f"  Answer for each {question.per}: an object from its id to the value.")
    lines += [f"  {line}" for line in _allowed(question, language, first_language)]
    if question.asked_if:
        lines.append(f"  Only if {_condition(question)}; otherwise answer null.")
    elif not question.required:
        lines.append("  Optional: answer null if there is nothing to say.")
    return "\n".join(lines)


def _allowed(question: Question, language: str, first_language: str) -> list[str]:
    if question.kind == "slider":
        return [
            f"A number from {question.min:g} to {question.max:g} in steps of {question.step:g}."
        ]
    if question.options and question.kind != "boolean":
        labels = [
            (option.value, option.labelled(language, first_language)) for option in question.options
        ]
        return ["One of:", *(f'  "{value}": {label}' for value, label in labels)]
    return {
        "boolean": ["true or false."],
        "spans": ["A list of [start, end] in characters of the text, from 0, the end excluded."],
        "list": ["A list of texts, empty if there are none."],
        "text": ["A text."],
    }[question.kind]


def _condition(question: Question) -> str:
    parts = []
    for key, values in question.asked_if.items():
        written = [f'"{v}"' if isinstance(v, str) else str(v).lower() for v in values]
        parts.append(f"{key} is {' or '.join(written)}")
    return " and ".join(parts)
