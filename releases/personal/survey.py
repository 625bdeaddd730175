"""What a person answered in a study's survey, in the words in which it was asked."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from studies.models import Participant
from studies.survey import NAME, WITHHELD, Question, survey_of
from studies.wording import worded


@dataclass(frozen=True, slots=True)
class Answered:
    """A question of the survey and what the person answered."""

    question: str
    answer: str


def survey_answers(person: Participant, language: str) -> list[Answered]:
    """Those that were answered, in the order of the survey."""
    texts = (language, person.study.languages)
    return [
        Answered(worded(question.wording, *texts), _shown(question, answer, *texts))
        for question in survey_of(person.study)
        if (answer := person.traits.get(question.key)) is not None
    ]


def answered_at(person: Participant) -> datetime | None:
    """When the survey was sent, as far as is known."""
    return person.parts.filter(name=NAME).values_list("finished_at", flat=True).first()


def _shown(question: Question, answer: Any, language: str, languages: Sequence[str]) -> str:
    labels = {one.value: worded(one.label, language, languages) for one in question.options}
    labels[WITHHELD] = _("Prefer not to say")
    answers = answer if isinstance(answer, list) else [answer]
    return ", ".join(labels.get(str(one), str(one)) for one in answers)
