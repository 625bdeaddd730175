"""How far raters agree, as pages show it: a stage's summary, and the figures of its questions."""

from dataclasses import dataclass
from typing import Any

from django.core.exceptions import ValidationError

from annotation.queries import agreement, measured_questions, rubric_in_force
from studies.models import Study

GROUPS = ("owner-peer", "expert-peer", "peer-peer", "human-llm", "llm-llm")


def agreement_of_stage(study: Study, stage: str) -> list[dict[str, Any]]:
    """The agreement document of every measured question of a stage, with its wording.

    Reads every judgment of the stage once per question. Raises ValidationError.
    """
    rubric = rubric_in_force(study, stage)
    language = study.languages[0]
    return [
        {
            "wording": question.worded("peer", language),
            "document": _figures(study, stage, question.key),
        }
        for question in measured_questions(rubric)
    ]


@dataclass(frozen=True, slots=True)
class QuestionLine:
    """One question in a stage's summary: a row per kind of pair, in the summary's columns."""

    wording: str
    document: dict[str, Any]
    rows: list[dict[str, Any] | None]


@dataclass(frozen=True, slots=True)
class Summary:
    """A stage's questions, with the kinds of pairs that exist for any of them."""

    groups: list[str]
    lines: list[QuestionLine]


def summary_of(questions: list[dict[str, Any]]) -> Summary:
    """One line per question that anybody answered."""
    answered = [one for one in questions if one["document"].get("items")]
    found = {row["group"]: None for one in answered for row in one["document"].get("groups", [])}
    groups = [name for name in GROUPS if name in found]
    return Summary(groups, [_question_line(one, groups) for one in answered])


def _question_line(question: dict[str, Any], groups: list[str]) -> QuestionLine:
    rows = {row["group"]: row for row in question["document"]["groups"]}
    return QuestionLine(
        question["wording"], question["document"], [rows.get(name) for name in groups]
    )


def _figures(study: Study, stage: str, key: str) -> dict[str, Any]:
    try:
        document = agreement(study=study, stage=stage, question=key)
    except ValidationError as refusal:
        return {"question": key, "refusal": " ".join(refusal.messages)}
    groups = {row["group"]: row for row in document["groups"]}
    return {
        **document,
        "groups": [groups[name] for name in GROUPS if name in groups],
        "gap": _gap(groups),
    }


def _gap(groups: dict[str, dict[str, Any]]) -> float | None:
    """How much less people agree with models than with each other, in kappa; None if unknown."""
    people = groups.get("peer-peer", {}).get("cohen_kappa")
    mixed = groups.get("human-llm", {}).get("cohen_kappa")
    return None if people is None or mixed is None else people - mixed
