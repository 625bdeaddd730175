"""What a person answered where they judged, in the words in which it was asked."""

from dataclasses import dataclass
from typing import Any

from django.core.exceptions import ObjectDoesNotExist
from django.db.models import Exists, OuterRef, QuerySet

from annotation.models import Judgment
from annotation.rubric_versions import rubric_at
from annotation.rubrics.document import Question
from studies.models import Participant


@dataclass(frozen=True, slots=True)
class Said:
    """A question and what was answered to it."""

    question: str
    answer: str


def judgments_of(person: Participant) -> QuerySet[Judgment]:
    """Theirs as they are in force, the latest first."""
    rows = Judgment.objects.filter(rater__participant=person)
    same = {name: OuterRef(name) for name in ("item", "task", "rater")}
    later = Judgment.objects.filter(**same, revision__gt=OuterRef("revision"))
    return rows.exclude(Exists(later)).order_by("-submitted_at", "pk")


def said_in(judgment: Judgment, language: str) -> list[Said]:
    """Its answers, question by question; by key where its rubric is not here."""
    try:
        rubric = rubric_at(judgment.study_id, judgment.stage, judgment.rubric_version)
        asked = {question.key: question for question in rubric.questions}
    except ObjectDoesNotExist:
        asked = {}
    return [
        _said(key, asked.get(key), answer, judgment.role, language)
        for key, answer in (judgment.answers or {}).items()
    ]


def _said(key: str, question: Question | None, answer: Any, role: str, language: str) -> Said:
    if question is None:
        return Said(key, _words(answer, {}))
    labels = {str(one.value): one.labelled(language) for one in question.options}
    return Said(question.worded(role, language), _words(answer, labels))


def _words(answer: Any, labels: dict[str, str]) -> str:
    """Answers per response or attribute stand beside each other, in the item's own order."""
    if isinstance(answer, dict):
        return " · ".join(_words(one, labels) for one in answer.values())
    if isinstance(answer, list):
        return ", ".join(_words(one, labels) for one in answer)
    return labels.get(str(answer), str(answer))
