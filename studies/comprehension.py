"""The comprehension check: whether somebody understood what they are asked, with few attempts."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, model_validator
from pydantic import ValidationError as ShapeError

from studies.document import Text, sentence_of
from studies.models import Part, Participant, Study
from studies.parts import Progress
from studies.survey import Fault

NAME = "comprehension"
ATTEMPTS = 2


class CheckOption(BaseModel):
    """One answer to choose, right or wrong."""

    model_config = ConfigDict(extra="forbid")
    value: str = Field(min_length=1, max_length=100)
    label: Text
    correct: bool = False


class CheckQuestion(BaseModel):
    """One question; any of its correct options is right."""

    model_config = ConfigDict(extra="forbid")
    key: str = Field(pattern=r"^[a-z][a-z0-9_]{0,39}$")
    wording: Text = Field(min_length=1)
    options: list[CheckOption] = Field(min_length=2)
    explanation: Text = {}

    @model_validator(mode="after")
    def _has_right_and_wrong(self) -> "CheckQuestion":
        values = [option.value for option in self.options]
        if len(set(values)) < len(values):
            raise ValueError("each option needs a value of its own")
        if len({option.correct for option in self.options}) < 2:
            raise ValueError("a question needs an option that is correct and one that is not")
        return self

    def is_right(self, answer: str | None) -> bool:
        """Is this the answer, or one of them?"""
        return any(option.correct and option.value == answer for option in self.options)


class Check(BaseModel):
    """The whole check."""

    model_config = ConfigDict(extra="forbid")
    attempts: int = Field(default=ATTEMPTS, ge=1, le=10)
    questions: list[CheckQuestion] = Field(min_length=1)

    @model_validator(mode="after")
    def _has_questions_once(self) -> "Check":
        keys = [question.key for question in self.questions]
        if len(set(keys)) < len(keys):
            raise ValueError("each question needs a key of its own")
        return self

    def wrong(self, answers: Mapping[str, str]) -> list[str]:
        """The keys of the questions that were not answered right."""
        return [row.key for row in self.questions if not row.is_right(answers.get(row.key))]


@dataclass(frozen=True, slots=True)
class Attempt:
    """What came of sending the check."""

    is_counted: bool
    """False: the same page was sent before, and nothing changed."""
    is_passed: bool
    left: int
    """Attempts that remain."""

    @property
    def is_over(self) -> bool:
        """Is there nothing more to try?"""
        return self.is_passed or self.left == 0


def comprehension_faults(section: Any, document: Mapping[str, Any]) -> list[Fault]:
    """What is wrong with `comprehension`."""
    if section is None:
        return []
    try:
        Check.model_validate(section)
    except ShapeError as error:
        return [(tuple(fault["loc"]), sentence_of(fault)) for fault in error.errors()]
    return []


def check_of(study: Study) -> Check | None:
    """The study's check; None where it has none."""
    return check_in(study.document)


def check_in(document: Mapping[str, Any]) -> Check | None:
    """The check that a study document holds; None where it holds none."""
    section = document.get(NAME)
    return Check.model_validate(section) if section else None


def attempts_left(check: Check, part: Part | None) -> int:
    """How often somebody may still try."""
    return max(0, check.attempts - (part.attempts if part else 0))


def measure(participant: Participant) -> Progress | None:
    """How far somebody is with the check: a part of a study."""
    if not participant.study.document.get(NAME):
        return None
    is_done = participant.parts.filter(name=NAME, finished_at__isnull=False).exists()
    is_passed = is_done and participant.outcome != Participant.Outcome.ATTENTION
    return Progress(done=int(is_passed), total=1, is_done=is_done)
