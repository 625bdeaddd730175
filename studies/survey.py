"""The survey of a study: its questions, and what may be answered to them.

Every question is optional, and "prefer not to say" is an answer of its own: `WITHHELD`.
"""

from collections.abc import Mapping
from typing import Any, Literal

from django.utils.translation import gettext as _
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, model_validator
from pydantic import ValidationError as ShapeError

from studies.document import Text, sentence_of
from studies.identifiers import looks_identifying
from studies.models import Participant, Study
from studies.parts import Progress

NAME = "survey"
WITHHELD = "withheld"
"""The answer of whoever would rather not say; stored like any other."""
LONGEST_ANSWER = 1_000
"""Characters of an answer in the person's own words."""
LARGEST_NUMBER = 10**12

IDENTIFYING = (
    "“{key}” seems to ask who somebody is (a name, an address, a date of birth …), which panels "
    "forbid. Ask something coarser, or write `asks_identifier: true`."
)

Kind = Literal["choice", "choices", "number", "text"]
Fault = tuple[tuple[str | int, ...], str]
Answer = str | int | float | list[str]
Answers = dict[str, Answer]
"""Question's key → its answer; a question that was left out has none."""


class Option(BaseModel):
    """One answer to choose."""

    model_config = ConfigDict(extra="forbid")
    value: str = Field(min_length=1, max_length=100)
    label: Text


class Question(BaseModel):
    """One question of the survey."""

    model_config = ConfigDict(extra="forbid")
    key: str = Field(pattern=r"^[a-z][a-z0-9_]{0,39}$")
    kind: Kind
    wording: Text = Field(min_length=1)
    hint: Text = {}
    options: list[Option] = []
    min: float | None = None
    max: float | None = None
    asks_identifier: bool = False
    """Its author knows that it seems to ask who somebody is."""

    @property
    def is_open(self) -> bool:
        """Is it answered in the person's own words or figures?"""
        return self.kind in ("number", "text")

    @property
    def values(self) -> list[str]:
        """What may be chosen."""
        return [option.value for option in self.options]

    @model_validator(mode="after")
    def _fits_its_kind(self) -> "Question":
        if not self.is_open and len(self.options) < 2:
            raise ValueError("a question to choose from needs two options or more")
        if self.is_open and self.options:
            raise ValueError("only a choice has options")
        if self.kind != "number" and (self.min, self.max) != (None, None):
            raise ValueError("only a number has a min and a max")
        if None not in (self.min, self.max) and self.min > self.max:  # type: ignore[operator]
            raise ValueError("the min is more than the max")
        return self

    @model_validator(mode="after")
    def _has_options_of_its_own(self) -> "Question":
        if WITHHELD in self.values:
            raise ValueError(f"“{WITHHELD}” is offered with every question; leave it out")
        if len(set(self.values)) < len(self.values):
            raise ValueError("each option needs a value of its own")
        return self


def survey_faults(section: Any, document: Mapping[str, Any]) -> list[Fault]:
    """What is wrong with `survey`."""
    if section is None:
        return []
    try:
        questions = TypeAdapter(list[Question]).validate_python(section)
    except ShapeError as error:
        return [(tuple(fault["loc"]), sentence_of(fault)) for fault in error.errors()]
    keys = [question.key for question in questions]
    twice: list[Fault] = [
        ((place,), f"The key “{key}” stands here twice.")
        for place, key in enumerate(keys)
        if key in keys[:place]
    ]
    return twice + _identifying(questions)


def _identifying(questions: list[Question]) -> list[Fault]:
    return [
        ((place,), IDENTIFYING.format(key=question.key))
        for place, question in enumerate(questions)
        if question.is_open
        and not question.asks_identifier
        and looks_identifying(question.key, list(question.wording.values()))
    ]


def survey_of(study: Study) -> list[Question]:
    """The questions of the study, in order; none where it asks no survey."""
    return questions_in(study.document)


def questions_in(document: Mapping[str, Any]) -> list[Question]:
    """The questions of a document whose survey has been checked."""
    return [Question.model_validate(entry) for entry in document.get("survey") or []]


def answer_fault(question: Question, answer: Any) -> str:
    """Why this cannot be an answer to the question; empty if it can."""
    if answer == WITHHELD:
        return ""
    return _FAULTS[question.kind](question, answer)


def _choice_fault(question: Question, answer: Any) -> str:
    return "" if answer in question.values else _("Choose one of the answers.")


def _choices_fault(question: Question, answer: Any) -> str:
    if not isinstance(answer, list) or not answer or len(set(answer)) < len(answer):
        return _("Choose some of the answers.")
    return "" if set(answer) <= set(question.values) else _("Choose some of the answers.")


def _number_fault(question: Question, answer: Any) -> str:
    if isinstance(answer, bool) or not isinstance(answer, int | float):
        return _("Write a number.")
    least = -LARGEST_NUMBER if question.min is None else question.min
    most = LARGEST_NUMBER if question.max is None else question.max
    return "" if least <= answer <= most else _range_fault(least, most)


def _range_fault(least: float, most: float) -> str:
    limits = {"least": f"{least:.12g}", "most": f"{most:.12g}"}
    return _("Write a number from %(least)s to %(most)s.") % limits


def _text_fault(question: Question, answer: Any) -> str:
    if not isinstance(answer, str) or not answer.strip():
        return _("Write something, or leave it out.")
    if len(answer) <= LONGEST_ANSWER:
        return ""
    return _("Write at most %(most)d characters.") % {"most": LONGEST_ANSWER}


_FAULTS = {
    "choice": _choice_fault,
    "choices": _choices_fault,
    "number": _number_fault,
    "text": _text_fault,
}


def measure(participant: Participant) -> Progress | None:
    """How far somebody is with the survey: a part of a study."""
    if not participant.study.document.get(NAME):
        return None
    is_done = participant.parts.filter(name=NAME, finished_at__isnull=False).exists()
    return Progress(done=int(is_done), total=1, is_done=is_done)
