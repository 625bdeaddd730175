"""Whom a study looks for, and how many of them: decided by answers to the survey."""

from collections.abc import Mapping, Sequence
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter
from pydantic import ValidationError as ShapeError

from studies.document import sentence_of
from studies.survey import WITHHELD, Fault, Question, questions_in, survey_faults


class Range(BaseModel):
    """Numbers from `min` to `max`, both included."""

    model_config = ConfigDict(extra="forbid")
    min: float | None = None
    max: float | None = None

    def holds(self, answer: Any) -> bool:
        """Does the number lie in it?"""
        if isinstance(answer, bool) or not isinstance(answer, int | float):
            return False
        return (self.min is None or answer >= self.min) and (self.max is None or answer <= self.max)


Accepted = Range | str | int | float


class Rule(BaseModel):
    """A question whose answer has to be one of those accepted."""

    model_config = ConfigDict(extra="forbid")
    question: str
    accept: list[Accepted] = Field(min_length=1)


class Quota(BaseModel):
    """At most so many people whose answers are these."""

    model_config = ConfigDict(extra="forbid")
    name: str = Field(min_length=1, max_length=60)
    where: dict[str, Accepted | list[Accepted]] = Field(min_length=1)
    limit: int = Field(ge=0)

    def covers(self, traits: Mapping[str, Any]) -> bool:
        """Do somebody's answers put them into this cell?"""
        return all(
            is_accepted(traits.get(key, WITHHELD), wanted if isinstance(wanted, list) else [wanted])
            for key, wanted in self.where.items()
        )


def is_accepted(answer: Any, accepted: Sequence[Accepted]) -> bool:
    """Is the answer, or one of several chosen, among those accepted?"""
    given = answer if isinstance(answer, list) else [answer]
    return any(
        one.holds(value) if isinstance(one, Range) else one == value
        for value in given
        for one in accepted
    )


def fits(rules: Sequence[Rule], traits: Mapping[str, Any]) -> bool:
    """Is this somebody whom the study looks for? A question left out counts as withheld."""
    return all(is_accepted(traits.get(rule.question, WITHHELD), rule.accept) for rule in rules)


def rules_in(document: Mapping[str, Any]) -> list[Rule]:
    """The screening of a checked document."""
    return [Rule.model_validate(entry) for entry in document.get("screening") or []]


def quotas_in(document: Mapping[str, Any]) -> list[Quota]:
    """The quotas of a checked document."""
    return [Quota.model_validate(entry) for entry in document.get("quotas") or []]


def screening_faults(section: Any, document: Mapping[str, Any]) -> list[Fault]:
    """What is wrong with `screening`."""
    try:
        rules = TypeAdapter(list[Rule]).validate_python(section or [])
    except ShapeError as error:
        return _sentences(error)
    questions = _questions(document)
    return [
        ((place, "accept"), fault)
        for place, rule in enumerate(rules)
        if (fault := _fault(questions, rule.question, rule.accept))
    ]


def quota_faults(section: Any, document: Mapping[str, Any]) -> list[Fault]:
    """What is wrong with `quotas`."""
    try:
        quotas = TypeAdapter(list[Quota]).validate_python(section or [])
    except ShapeError as error:
        return _sentences(error)
    names = [quota.name for quota in quotas]
    found: list[Fault] = [
        ((place,), f"The name “{name}” stands here twice.")
        for place, name in enumerate(names)
        if name in names[:place]
    ]
    questions = _questions(document)
    for place, quota in enumerate(quotas):
        for key, wanted in quota.where.items():
            values = wanted if isinstance(wanted, list) else [wanted]
            if fault := _fault(questions, key, values):
                found.append(((place, "where", key), fault))
    return found


def _sentences(error: ShapeError) -> list[Fault]:
    """Its faults, without the names of the kinds that a value might have been."""
    return [
        (tuple(part for part in fault["loc"] if part not in KINDS), sentence_of(fault))
        for fault in error.errors()
    ]


KINDS = ("Range", "str", "int", "float")


def _questions(document: Mapping[str, Any]) -> dict[str, Question] | None:
    """The survey's questions by key; None where the survey is at fault itself."""
    if survey_faults(document.get("survey"), document):
        return None
    return {question.key: question for question in questions_in(document)}


def _fault(
    questions: dict[str, Question] | None, key: str, accepted: Sequence[Accepted]
) -> str | None:
    if questions is None:
        return None
    if key not in questions:
        return f"The survey has no question “{key}”."
    question = questions[key]
    if question.kind == "text":
        return f"“{key}” is answered in people's own words, so nobody can be chosen by it."
    if question.kind == "number":
        return _number_fault(accepted)
    unknown = [one for one in accepted if one not in [*question.values, WITHHELD]]
    return f"“{key}” has no such option: {unknown[0]}." if unknown else None


def _number_fault(accepted: Sequence[Accepted]) -> str | None:
    if all(one == WITHHELD or not isinstance(one, str) for one in accepted):
        return None
    return "A number is accepted by numbers or by {min: …, max: …}."
