"""What else is known about a person, for judges of the arm "profile"."""

from typing import Any
from uuid import UUID

from annotation.choices import Role, Stage
from annotation.models import Judgment
from annotation.positives import positive_answer
from annotation.rubric_versions import rubric_at
from annotation.screens import Screen
from generation.models import Attribute
from generation.owning import OWNER
from studies.models import Participant

MOST_ATTRIBUTES = 50


def profile_of(screen: Screen) -> dict[str, Any] | None:
    """The survey's answers and what the person wrote or accepted; None where it is nobody.

    Accepted is what they, as its owner, last judged to be true of them. Left out is what they
    asked to forget, what another statement stands in for, and what the screen itself asks about:
    it would answer the question. Whether it may be sent at all is the job's to ask.
    """
    person = screen.task.subject
    if person is None:
        return None
    shown = {item.attribute.pk for item in screen.items if item.attribute}
    standing = Attribute.objects.remembered().current().filter(participant=person)
    rows = standing.exclude(pk__in=shown).order_by("ref").values_list("pk", "author", "text")
    accepted = _accepted(person)
    texts = [text for pk, author, text in rows if author == OWNER or pk in accepted]
    return {"traits": person.traits, "attributes": texts[:MOST_ATTRIBUTES]}


def _accepted(person: Participant) -> set[UUID]:
    """Attributes that the person last answered yes to; one query, and one per rubric version."""
    rows = Judgment.objects.filter(
        stage=Stage.EXTRACTION, role=Role.OWNER, item__attribute__participant=person
    )
    columns = ("item__attribute", "study", "rubric_version", "answers")
    last: dict[UUID, bool | None] = {}
    for attribute, study, version, answers in rows.order_by("revision").values_list(*columns):
        rubric = rubric_at(study, Stage.EXTRACTION.value, version)
        last[attribute] = positive_answer(rubric, answers)
    return {attribute for attribute, is_true in last.items() if is_true}
