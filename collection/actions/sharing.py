"""Sharing a conversation: its redacted turns are kept where others may reach them, the rest goes.

What was said as it was said exists until then in `collection.unshared` only, and after nowhere.
"""

from typing import Any
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from collection.actions.reviewing import finish_if_nothing_waits, locked_conversation
from collection.models import Conversation, Turn
from collection.unshared.drafts import Draft, DraftTurn, draft_of, may_be_shared
from collection.unshared.models import UnsharedConversation, UnsharedTurn
from llm import ledger
from studies.models import Participant
from studies.rules import check_takes_part

ROWS_AT_ONCE = 500


class ChangedSince(ValidationError):
    """What would be shared is not what its owner was shown."""


@transaction.atomic
def share_conversation(
    *, conversation_id: UUID, participant: Participant, seen_digest: str
) -> Conversation:
    """Share what its owner was shown, and delete the original; again gives the same conversation.

    Raises ChangedSince when it is not as they saw it (`Draft.digest`), ValidationError when there
    is nothing to share or it goes on, PermissionDenied when they do not take part.
    """
    check_takes_part(participant)
    rows = UnsharedConversation.objects.select_for_update(of=("self",))
    if not rows.filter(pk=conversation_id, participant=participant).exists():
        return _shared_already(conversation_id, participant)
    original = locked_conversation(conversation_id, participant)
    draft = draft_of(original)
    _check(draft, seen_digest)
    shared = _conversation(draft)
    shared.save(force_insert=True)
    turns = [_turn(shared, row) for row in draft.shared_turns()]
    Turn.objects.bulk_create(turns, batch_size=ROWS_AT_ONCE)
    _delete(original)
    finish_if_nothing_waits(participant)
    return shared


def is_shared(conversation_id: UUID, participant: Participant) -> bool:
    """Has its owner shared it?"""
    rows = Conversation.objects.filter(shared_at__isnull=False)
    return rows.filter(pk=conversation_id, participant=participant).exists()


def _shared_already(conversation_id: UUID, participant: Participant) -> Conversation:
    shared = Conversation.objects.filter(pk=conversation_id, participant=participant).first()
    if shared is None:
        raise ValidationError(_("This conversation is not here any more."))
    return shared


def _check(draft: Draft, seen_digest: str) -> None:
    if not draft.shared_turns():
        raise ValidationError(
            _("You removed every turn, so there is nothing to share. Remove the conversation.")
        )
    if not all(may_be_shared(row.turn) for row in draft.turns):
        raise ValidationError(_("A reply is still coming. Finish the conversation first."))
    if draft.digest() != seen_digest:
        raise ChangedSince(
            _("Something has changed since you opened this page. Please read it once more.")
        )


def _conversation(draft: Draft) -> Conversation:
    original = draft.conversation
    replied = {_model(row.turn): None for row in draft.shared_turns()}
    return Conversation(
        pk=original.pk,
        study_id=original.study_id,
        ref=original.ref,
        participant_id=original.participant_id,
        source=original.source,
        model_names=[name for name in replied if name],
        language=original.language,
        title=draft.title,
        shared_at=timezone.now(),
        extra=_extra(original),
    )


def _extra(original: UnsharedConversation) -> dict[str, Any]:
    """Keys of the study's own, a day, numbers: nothing that somebody wrote."""
    began_on = original.began_at.date().isoformat() if original.began_at else ""
    extra: dict[str, Any] = {
        "topic": original.topic,
        "system_prompt": original.system_prompt,
        "began_on": began_on,
    }
    ratings = original.extra.get("ratings")
    if isinstance(ratings, dict):
        extra["ratings"] = {
            key: value for key, value in ratings.items() if isinstance(value, int | float)
        }
    return {key: value for key, value in extra.items() if value}


def _turn(shared: Conversation, row: DraftTurn) -> Turn:
    extra = _facts(row)
    if alternatives := row.kept_alternatives():
        extra["alternatives"] = [
            {"content": beside.content, **_facts(beside)} for beside in alternatives
        ]
    return Turn(
        conversation=shared,
        position=row.turn.position,
        role=row.turn.role,
        content=row.content,
        extra=extra,
    )


def _facts(row: DraftTurn) -> dict[str, Any]:
    """What is known of a turn beside its words."""
    turn = row.turn
    facts: dict[str, Any] = {
        "redactions": row.redactions,
        "model": _model(turn),
        "rating": turn.rating,
        "state": "" if turn.state == UnsharedTurn.State.WHOLE else turn.state,
    }
    return {key: value for key, value in facts.items() if value not in ("", None, [])}


def _model(turn: UnsharedTurn) -> str:
    if turn.role != Turn.Role.ASSISTANT:
        return ""
    return turn.model or (turn.endpoint.model if turn.endpoint else "")


def _delete(original: UnsharedConversation) -> None:
    """All rows of it, and what a model's answer may have left in the ledger."""
    jobs = original.turns.values_list("job", flat=True)
    ledger.forget_jobs([job for job in jobs if job])
    original.delete()
