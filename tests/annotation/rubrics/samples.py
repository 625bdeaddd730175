"""Rubrics written by hand for the tests of single behaviours."""

from typing import Any

from annotation.rubrics.document import Rubric, parse_rubric

PANDALM: dict[str, Any] = {
    "version": 1,
    "questions": [
        {
            "key": "preference",
            "kind": "pairwise",
            "scale": "nominal",
            "per": "item",
            "required": True,
            "options": [
                {"value": "1", "favours": "first", "label": {"en": "The first"}},
                {"value": "2", "favours": "second", "label": {"en": "The second"}},
                {"value": "tie", "favours": "none", "label": {"en": "About equal"}},
            ],
            "wording": {
                "peer": {"en": "Which answer is better?"},
                "llm": {"en": "Which answer is better?"},
            },
        },
        {
            "key": "quality",
            "kind": "slider",
            "scale": "interval",
            "per": "response",
            "min": 0,
            "max": 3,
            "step": 0.1,
            "required": False,
            "wording": {"peer": {"en": "How good is it?"}},
        },
    ],
}
"""The sample of the documentation of formats."""


def ask(key: str = "truth", kind: str = "choice", **parts: Any) -> dict[str, Any]:
    """A question's document: a choice of yes or no unless the parts say otherwise."""
    question: dict[str, Any] = {"key": key, "kind": kind, "wording": {"peer": {"en": "So?"}}}
    if kind in ("choice", "ordinal"):
        question |= {"scale": "nominal" if kind == "choice" else "ordinal"}
        question |= {"options": [option("yes"), option("no")]}
    if kind == "boolean":
        question["scale"] = "nominal"
    return question | parts


def option(value: str, **parts: Any) -> dict[str, Any]:
    return {"value": value, "label": {"en": value.title()}, **parts}


def side(value: str, favours: str, **parts: Any) -> dict[str, Any]:
    return option(value, favours=favours, **parts)


def pair(*options: dict[str, Any], **parts: Any) -> dict[str, Any]:
    """A pairwise question's document of five steps, or of the options given."""
    five = [
        side("a2", "first", strength=2),
        side("a1", "first", strength=1),
        side("same", "none"),
        side("b1", "second", strength=1),
        side("b2", "second", strength=2),
    ]
    document = ask("better", "pairwise", scale="ordinal", options=list(options) or five)
    return document | parts


def rubric(*questions: dict[str, Any]) -> Rubric:
    return parse_rubric({"version": 1, "questions": list(questions)})
