"""What owners will be asked stands in the list before it can be done, and never leads anybody."""

from decimal import Decimal
from typing import Any

import pytest
from django.core.exceptions import ValidationError

from collection.unshared.models import UnsharedConversation
from studies.actions.ending import finish_study
from studies.actions.parts import finish_part
from studies.actions.payments import credit_parts
from studies.models import Participant
from studies.parts import is_reached, next_part, parts_of
from tests.annotation.test_parts import OWNERS
from tests.collection.unshared import make_unshared
from tests.samples import make_conversation, make_participant, make_study

pytestmark = pytest.mark.django_db
CONVERSE = {
    "conversations": 1,
    "models": [{"endpoint": "default", "weight": 1}],
}
STAGES = {stage: {"overlap": {"owner": 1}} for stage in ("extraction", "relevance", "response")}
CONSENT = {
    "version": "1",
    "scopes": ["take_part", "converse"],
    "required": ["take_part", "converse"],
    "text": {"en": "Do you want to take part?"},
}
TO_COME = ["attributes", "extraction", "prompts", "relevance", "response"]


@pytest.fixture
def owner() -> Participant:
    """Somebody asked to converse, of whom all else is asked afterwards."""
    pay = {"currency": "EUR", "parts": dict.fromkeys(TO_COME, 1)}
    asked: dict[str, Any] = {
        "converse": CONVERSE,
        "attributes": {},
        "prompts": {"count": 2},
        "pay": pay,
    }
    study = make_study(stages=STAGES, consent=CONSENT, **asked)
    return make_participant(study, "owner")


def names(participant: Participant) -> list[str]:
    return [part.name for part in parts_of(participant)]


def leads_to(participant: Participant) -> str:
    upcoming = next_part(parts_of(participant))
    return upcoming.name if upcoming else ""


def test_all_stands_there_before_anything_is_said(owner: Participant) -> None:
    parts = parts_of(owner)

    assert names(owner) == ["converse", "review", *TO_COME]
    assert leads_to(owner) == "converse"
    assert not any(part.progress.is_done for part in parts if part.name in TO_COME)
    assert not any(is_reached(parts, name) for name in TO_COME)


def test_nothing_to_come_is_paid_or_ends_the_study(owner: Participant) -> None:
    make_unshared(owner, "I live near Bern.")
    finish_part(participant=owner, name="converse")

    assert leads_to(owner) == "review"
    assert credit_parts(participant=owner) == []
    with pytest.raises(ValidationError):
        finish_study(participant=owner)


def test_all_stays_after_sharing(owner: Participant) -> None:
    make_conversation(owner, "I live near Bern.")
    finish_part(participant=owner, name="converse")
    assert names(owner) == ["converse", "review", *TO_COME]
    assert leads_to(owner) == "attributes"

    finish_part(participant=owner, name="attributes")
    assert names(owner)[-3:] == ["prompts", "relevance", "response"]
    assert leads_to(owner) == "prompts"


def test_who_removed_all_is_asked_nothing_more(owner: Participant) -> None:
    make_unshared(owner, "I live near Bern.")
    finish_part(participant=owner, name="converse")
    UnsharedConversation.objects.all().delete()

    assert names(owner) == ["converse", "review"]
    finish_study(participant=owner)
    assert owner.outcome == Participant.Outcome.DONE
    assert sum((row.amount for row in credit_parts(participant=owner)), Decimal(0)) == 0


def test_who_may_not_converse_is_promised_nothing(owner: Participant) -> None:
    other = make_participant(owner.study, "other", scopes=["take_part"])

    assert names(other) == ["review"]


def test_peers_are_promised_nothing() -> None:
    assert names(make_participant(make_study(stages=OWNERS, attributes={}))) == []
