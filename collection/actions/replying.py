"""A reply as it comes in: begun under a leased job, kept piece by piece, and ended once."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from collection.converse.lanes import is_usable
from collection.converse.prompting import prompt_for
from collection.converse.rules import may_converse
from collection.models import Turn
from collection.unshared.models import ReplyEvent, UnsharedTurn
from llm import ledger
from llm.exchange import Prompt
from llm.models import Endpoint
from studies.models import ConsentScope, Participant
from work import queue
from work.claims import Claim, Plan

KIND = "reply"
LEASE_SECONDS = 15
"""How long after its process vanished a reply is known to be cut, at most."""
GIVE_UP_AFTER = timedelta(days=1)

VANISHED = "vanished"
"""Outcome of a reply whose web process was killed."""


@dataclass(frozen=True)
class BegunReply:
    """What is needed to ask for it."""

    claim: Claim
    endpoint: Endpoint
    prompt: Prompt


@dataclass(frozen=True)
class Piece:
    """What came of a reply since the piece before it."""

    reply: UUID
    sequence: int
    text: str


@dataclass(frozen=True)
class Orders:
    """What their readers want of the replies that are coming in."""

    stopped: Mapping[UUID, int]
    """Those to stop, with how much of each was seen."""
    gone: frozenset[UUID]
    """Those that are taken away: by a withdrawal, an erasure or another holder."""


@transaction.atomic
def begin_reply(*, reply: UUID, owner: str) -> BegunReply | None:
    """Take it in hand; None if somebody has it already, or it is over or not allowed any more."""
    rows = UnsharedTurn.objects.select_related("conversation__participant__study", "endpoint")
    row = rows.select_for_update(of=("self",), no_key=True).filter(pk=reply).first()
    if row is None or row.state != UnsharedTurn.State.WAITING:
        return None
    conversation = row.conversation
    if row.endpoint is None or not may_converse(conversation.participant):
        _change(row, state=UnsharedTurn.State.CUT, finished_at=timezone.now())
        return None
    plan = Plan(
        kind=KIND,
        key={"reply": str(row.pk)},
        payload={"reply": str(row.pk)},
        scope=conversation.study.scope,
        subject=conversation.participant_id,
        priority=0,
        give_up_after=GIVE_UP_AFTER,
    )
    claim = queue.enqueue_leased(plan, owner=owner, seconds=LEASE_SECONDS)
    if claim is None:
        return None
    _change(row, state=UnsharedTurn.State.STREAMING, job=claim.job_id)
    before = conversation.turns.filter(position__lt=row.position).order_by("position", "place")
    return BegunReply(claim, row.endpoint, prompt_for(conversation, row, list(before)))


@transaction.atomic
def keep_progress(*, pieces: Sequence[Piece], claims: Mapping[UUID, Claim], renews: bool) -> Orders:
    """Store what came of many replies, in one insert, and learn what is to become of them.

    With `renews` their leases begin anew and their people's consent is looked at.
    """
    rows = UnsharedTurn.objects.select_for_update(no_key=True).filter(
        pk__in=list(claims), state=UnsharedTurn.State.STREAMING
    )
    # Locked in one order, and none that was settled by somebody else gets another piece.
    found = list(rows.order_by("pk").values_list("pk", "job", "wants_stop", "seen"))
    mine = {pk for pk, job, _stop, _seen in found if job == claims[pk].job_id}
    ReplyEvent.objects.bulk_create(
        ReplyEvent(turn_id=piece.reply, sequence=piece.sequence, text=piece.text)
        for piece in pieces
        if piece.reply in mine
    )
    kept = mine & _still_allowed(claims) if renews else mine
    stopped = {pk: seen or 0 for pk, _job, stop, seen in found if stop and pk in kept}
    return Orders(stopped, frozenset(set(claims) - kept))


def _still_allowed(claims: Mapping[UUID, Claim]) -> set[UUID]:
    held = queue.extend_many(claims.values())
    people = {claim.subject for claim in claims.values() if claim.subject}
    allowing = Participant.objects.consented(ConsentScope.CONVERSE).filter(pk__in=people)
    allowed = set(allowing.values_list("pk", flat=True))
    return {
        reply
        for reply, claim in claims.items()
        if claim.job_id in held and claim.subject in allowed
    }


def finish_reply(
    *, claim: Claim, reply: UUID, state: UnsharedTurn.State, content: str, model: str, outcome: str
) -> None:
    """Write down how it ended and what is shown of it for good; raises `LateClaim`."""
    with queue.finishing(claim, outcome):
        row = UnsharedTurn.objects.select_for_update(no_key=True).filter(pk=reply).first()
        if row is not None:
            _end(row, state, content, model)
        ledger.abandon(claim.job_id)


def settle_abandoned(*, claim: Claim) -> None:
    """End a reply whose process vanished, with what of it was stored; raises `LateClaim`.

    It is cut, unless its reader had stopped it.
    """
    with queue.finishing(claim, VANISHED):
        rows = UnsharedTurn.objects.select_for_update(no_key=True)
        reply = UUID(claim.payload["reply"])
        for turn in rows.filter(pk=reply, state=UnsharedTurn.State.STREAMING):
            text = "".join(turn.events.order_by("sequence").values_list("text", flat=True))
            _end(turn, UnsharedTurn.State.CUT, text, turn.model)
        ledger.abandon(claim.job_id)


def _end(row: UnsharedTurn, state: UnsharedTurn.State, content: str, model: str) -> None:
    """Ended by its reader, it is what they saw, however much more had come by then."""
    if row.wants_stop and row.seen is not None and row.seen <= len(content):
        state, content = UnsharedTurn.State.STOPPED, content[: row.seen]
    named = model or (row.endpoint.model if row.endpoint else "")
    _change(row, state=state, content=content, model=named[:200], finished_at=timezone.now())
    row.events.all().delete()
    if row.is_chosen and is_usable(row):
        said = UnsharedTurn.objects.filter(
            conversation_id=row.conversation_id, position=row.position - 1, role=Turn.Role.USER
        )
        said.update(awaits_reply=False)


def _change(row: UnsharedTurn, **fields: Any) -> None:
    for name, value in fields.items():
        setattr(row, name, value)
    row.save(update_fields=list(fields))
