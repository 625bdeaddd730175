"""Questions and answers for cards, as plain values."""

from typing import Any

from annotation.agreement.answers import Answer, Question
from annotation.agreement.units import ResponseFacts, UnitFacts
from annotation.judge_cards.card import Subject
from annotation.judge_cards.estimates import Clusters
from annotation.judge_cards.people import Reference, people_of

PREFERENCE = Question(
    key="preference",
    scale="nominal",
    values=("1", "2", "tie"),
    mirror={"1": "2", "2": "1", "tie": "tie"},
    favours={"1": "first", "2": "second", "tie": "none"},
)
QUALITY = Question(key="quality", scale="ordinal", values=("poor", "fair", "good"))


def said(unit: str, value: str | None, **changes: object) -> Answer:
    """A judge's answer; of a person with `kind="human"`."""
    is_human = changes.get("kind") == "human"
    given: dict[str, Any] = {"rater": "w1" if is_human else "j", "kind": "llm"}
    given |= {"role": "peer" if is_human else "llm", "usable": value is not None} | changes
    return Answer(unit=unit, value=value, **given)


def person(unit: str, value: str, rater: str = "w1", **changes: object) -> Answer:
    """A person's answer."""
    return said(unit, value, kind="human", rater=rater, **changes)


def response(length: int = 100, mentions: bool | None = False, model: str = "m") -> ResponseFacts:
    """A response of which only what is named matters."""
    return ResponseFacts(length, mentions, model)


def subject_of(
    question: Question,
    answers: list[Answer],
    facts: dict[str, UnitFacts] | None = None,
    reference: Reference = "majority",
) -> Subject:
    """A question with people's answers; units of which nothing else is said have no responses."""
    known = {answer.unit: UnitFacts(f"p-{answer.unit}") for answer in answers} | (facts or {})
    clusters = Clusters([each.person for each in known.values()])
    return Subject(question, known, clusters, people_of(question, answers, reference))
