"""What changes attributes: people write them about themselves, models propose them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from collection.models import Conversation, Turn
from generation.extraction import LONGEST_STATEMENT, Accepted
from generation.injections import INSTRUCTION_LIKE, looks_like_instruction
from generation.models import Attribute, Evidence
from generation.owning import OWNER
from studies.models import Participant


@dataclass(frozen=True)
class Quoted:
    """Where a person finds an attribute in their conversation: a span of one turn's content."""

    turn: Turn
    start: int
    end: int


@transaction.atomic
def add_attribute(
    *,
    participant: Participant,
    text: str,
    type: str = "",
    scope: str = "",
    conversation: Conversation | None = None,
    quoted: Quoted | None = None,
    provenance: Mapping[str, Any] | None = None,
) -> Attribute:
    """An attribute that a participant writes about themselves.

    Raises ValidationError if it is empty or too long, of an unknown type or scope, or quotes what
    the participant did not say.
    """
    attribute = Attribute(
        study_id=participant.study_id,
        participant=participant,
        text=text.strip(),
        type=type,
        scope=scope,
        explicitness=Attribute.Explicitness.STATED if quoted else "",
        author=OWNER,
        provenance=dict(provenance or {}),
        flags=flags_of(text),
    )
    _check_statement(attribute.text)
    attribute.full_clean(validate_unique=False, validate_constraints=False)
    attribute.save()
    said_in = quoted.turn.conversation if quoted else conversation
    if said_in is not None:
        _check_own(said_in, participant)
        Evidence.objects.create(attribute=attribute, conversation=said_in, **_span(quoted))
    return attribute


def flags_of(*texts: str) -> list[str]:
    """What is noticed about an attribute from its words and those it quotes."""
    return [INSTRUCTION_LIKE] if any(looks_like_instruction(text) for text in texts) else []


def _check_statement(text: str) -> None:
    if not text:
        raise ValidationError(_("Please write what should be known about you."))
    if len(text) > LONGEST_STATEMENT:
        raise ValidationError(
            _("Please use at most %(most)d characters.") % {"most": LONGEST_STATEMENT}
        )


def _check_own(conversation: Conversation, participant: Participant) -> None:
    if conversation.participant_id != participant.pk:
        raise ValidationError(_("This conversation is not yours."))


def _span(quoted: Quoted | None) -> dict[str, Any]:
    if quoted is None:
        return {}
    if not 0 <= quoted.start < quoted.end <= len(quoted.turn.content):
        raise ValidationError(_("What is quoted does not lie within the turn."))
    return {"turn": quoted.turn, "start": quoted.start, "end": quoted.end}


@transaction.atomic
def record_attributes(
    *,
    conversation: Conversation,
    author: str,
    accepted: Sequence[Accepted],
    provenance: Mapping[str, Any],
    call_id: UUID | None,
) -> list[Attribute]:
    """Keep what a model proposed and could quote, each with its evidence."""
    rows = [
        Attribute(
            study_id=conversation.study_id,
            participant_id=conversation.participant_id,
            text=found.proposal.text.strip(),
            type=found.proposal.type,
            explicitness=found.proposal.explicitness,
            scope=found.proposal.scope,
            author=author,
            provenance={**provenance, "confidence": found.proposal.confidence},
            call_id=call_id,
            flags=flags_of(found.proposal.text, found.proposal.quote),
        )
        for found in accepted
    ]
    Attribute.objects.bulk_create(rows)
    Evidence.objects.bulk_create(
        Evidence(
            attribute=row,
            conversation=conversation,
            turn=found.turn,
            start=found.start,
            end=found.end,
        )
        for row, found in zip(rows, accepted, strict=True)
    )
    return rows
