"""What an owner does to a conversation before it is shared: hide words, take out turns, or all.

Each act can be taken back by the one beside it, except removing the conversation.
"""

from collections.abc import Iterator, Sequence
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from collection.redaction.detection import detect_in_all
from collection.redaction.kinds import Span
from collection.unshared.drafts import kind_of, regions_for
from collection.unshared.models import Redaction, UnsharedConversation, UnsharedTurn
from studies.actions.parts import begin_part, finish_part
from studies.models import Participant
from studies.rules import check_takes_part

REVIEW = "review"
PROPOSED = "proposed"
"""In a conversation's `extra` once its turns were searched."""
LONGEST_REPLACEMENT = 200
ROWS_AT_ONCE = 1_000


def propose_redactions(
    *, conversation_id: UUID, participant: Participant, names: Sequence[str] = ()
) -> int:
    """Search all turns for personal data, once; the number of proposals made now.

    `names` are how the owner's account calls them. The search of a long text takes a while, so it
    holds no transaction. Raises ValidationError while the conversation goes on, or if a turn
    changed during the search.
    """
    conversation = _begun_review(conversation_id, participant)
    if conversation.extra.get(PROPOSED):
        return 0
    turns = _with_words(conversation)
    texts = [turn.content for turn in turns]
    found = detect_in_all(texts, names=names, regions=regions_for(conversation))
    return _propose(conversation_id, participant, turns, found)


@transaction.atomic
def _begun_review(conversation_id: UUID, participant: Participant) -> UnsharedConversation:
    conversation = locked_conversation(conversation_id, participant)
    begin_part(participant=participant, name=REVIEW)
    return conversation


def _with_words(conversation: UnsharedConversation) -> list[UnsharedTurn]:
    return list(conversation.turns.exclude(content="").order_by("position", "place"))


@transaction.atomic
def _propose(
    conversation_id: UUID,
    participant: Participant,
    turns: Sequence[UnsharedTurn],
    found: Sequence[Sequence[Span]],
) -> int:
    """Keep what was found, unless another request did so meanwhile."""
    conversation = locked_conversation(conversation_id, participant)
    if conversation.extra.get(PROPOSED):
        return 0
    searched = [(turn.pk, turn.content) for turn in turns]
    if [(turn.pk, turn.content) for turn in _with_words(conversation)] != searched:
        raise ValidationError(_("This conversation has just changed. Please open it again."))
    rows = [
        _proposal(turn, span) for turn, spans in zip(turns, found, strict=True) for span in spans
    ]
    Redaction.objects.bulk_create(rows, batch_size=ROWS_AT_ONCE, ignore_conflicts=True)
    conversation.extra = {**conversation.extra, PROPOSED: True}
    conversation.save(update_fields=["extra"])
    return len(rows)


def _proposal(turn: UnsharedTurn, span: Span) -> Redaction:
    return Redaction(
        turn=turn,
        start=span.start,
        end=span.end,
        kind=span.kind,
        origin=Redaction.Origin.PROPOSED,
    )


@transaction.atomic
def hide_span(
    *, turn_id: UUID, participant: Participant, start: int, words: str, everywhere: bool = False
) -> int:
    """Hide words that stand at `start` of a turn (in code points), as somebody selected them.

    Where they don't stand there, the nearest place counts. With `everywhere`, wherever they stand
    in the conversation. The number of places. Raises ValidationError if they stand nowhere.
    """
    turn = locked_turn(turn_id, participant)
    wanted = _wanted(words)
    if everywhere:
        return _hide_in(_turns_beside(turn), wanted, turn.conversation)
    places = sorted(_places(turn.content, wanted), key=lambda at: abs(at - start))
    if not places:
        raise ValidationError(_("These words do not stand in this turn."))
    return _hide([(turn, places[0])], wanted, turn.conversation)


@transaction.atomic
def hide_words(
    *, turn_id: UUID, participant: Participant, words: str, everywhere: bool = False
) -> int:
    """Hide words wherever they stand in a turn, or in the conversation; the number of places.

    Raises ValidationError if they stand nowhere.
    """
    turn = locked_turn(turn_id, participant)
    turns = _turns_beside(turn) if everywhere else [turn]
    return _hide_in(turns, _wanted(words), turn.conversation)


def _wanted(words: str) -> str:
    wanted = words.replace("\r\n", "\n").strip()
    if not wanted:
        raise ValidationError(_("Say which words to hide."))
    return wanted


def _turns_beside(turn: UnsharedTurn) -> list[UnsharedTurn]:
    return list(UnsharedTurn.objects.filter(conversation=turn.conversation_id))


def _places(content: str, words: str) -> Iterator[int]:
    at = content.find(words)
    while at >= 0:
        yield at
        at = content.find(words, at + len(words))


def _hide_in(turns: Sequence[UnsharedTurn], words: str, where: UnsharedConversation) -> int:
    places = [(turn, at) for turn in turns for at in _places(turn.content, words)]
    if not places:
        raise ValidationError(_("These words do not stand there. Mind capital letters."))
    return _hide(places, words, where)


def _hide(
    places: Sequence[tuple[UnsharedTurn, int]], words: str, where: UnsharedConversation
) -> int:
    kind = kind_of(words, regions_for(where))
    rows = [
        Redaction(
            turn=turn,
            start=at,
            end=at + len(words),
            kind=kind,
            origin=Redaction.Origin.OWNER,
        )
        for turn, at in places
    ]
    Redaction.objects.bulk_create(
        rows,
        batch_size=ROWS_AT_ONCE,
        update_conflicts=True,
        unique_fields=["turn", "start", "end"],
        update_fields=["is_lifted"],
    )
    return len(rows)


@transaction.atomic
def lift_redaction(
    *, turn_id: UUID, participant: Participant, start: int, end: int, everywhere: bool = False
) -> int:
    """Leave words as they are that stand between these code points; the number of places.

    With `everywhere`, the same words in the whole conversation. A proposal can be hidden again;
    what only its owner had marked leaves no trace.
    """
    turn = locked_turn(turn_id, participant)
    return _leave(_same_words(turn, start, end, everywhere=everywhere))


def _leave(rows: QuerySet[Redaction]) -> int:
    lifted = rows.filter(origin=Redaction.Origin.PROPOSED)
    own = list(rows.filter(origin=Redaction.Origin.OWNER).values_list("pk", flat=True))
    count = lifted.update(is_lifted=True)
    return count + Redaction.objects.filter(pk__in=own).delete()[0]


@transaction.atomic
def lift_kind(*, turn_id: UUID, participant: Participant, kind: str, start: int = 0) -> int:
    """Leave all of a kind in a turn as it is, from a code point on; the number of places."""
    turn = locked_turn(turn_id, participant)
    return _leave(turn.redactions.filter(kind=kind, start__gte=start, is_lifted=False))


@transaction.atomic
def hide_kind(*, turn_id: UUID, participant: Participant, kind: str, start: int = 0) -> int:
    """Hide all of a kind again that was lifted in a turn, from a code point on."""
    turn = locked_turn(turn_id, participant)
    rows = turn.redactions.filter(kind=kind, start__gte=start, is_lifted=True)
    return rows.update(is_lifted=False)


@transaction.atomic
def hide_again(*, turn_id: UUID, participant: Participant, start: int, end: int) -> int:
    """Hide what was lifted between these code points after all."""
    turn = locked_turn(turn_id, participant)
    return turn.redactions.filter(start__lt=end, end__gt=start).update(is_lifted=False)


@transaction.atomic
def replace_redaction(
    *, turn_id: UUID, participant: Participant, start: int, end: int, replacement: str
) -> int:
    """Let other words of the owner's stand for hidden ones, in the whole conversation.

    No words bring the placeholder back. The number of places.
    """
    turn = locked_turn(turn_id, participant)
    chosen = replacement.strip()
    if len(chosen) > LONGEST_REPLACEMENT or "\x00" in chosen:
        raise ValidationError(
            _("At most %(most)s characters can stand there.") % {"most": LONGEST_REPLACEMENT}
        )
    same = _same_words(turn, start, end, everywhere=True)
    return same.update(replacement=chosen)


def _same_words(
    turn: UnsharedTurn, start: int, end: int, *, everywhere: bool
) -> QuerySet[Redaction]:
    """What hides something between these code points, and the same words elsewhere."""
    here = turn.redactions.filter(start__lt=end, end__gt=start, is_lifted=False)
    if not everywhere:
        return here
    words = turn.content[start:end].casefold()
    rows = Redaction.objects.filter(turn__conversation=turn.conversation_id, is_lifted=False)
    same = {
        row.pk
        for row in rows.select_related("turn")
        if row.turn.content[row.start : row.end].casefold() == words
    }
    return Redaction.objects.filter(pk__in=same | set(here.values_list("pk", flat=True)))


@transaction.atomic
def remove_turn(*, turn_id: UUID, participant: Participant) -> None:
    """Take a turn out; it can be put back until the conversation is shared."""
    _set_removed(turn_id, participant, is_removed=True)


@transaction.atomic
def put_back_turn(*, turn_id: UUID, participant: Participant) -> None:
    """Put a turn back that was taken out."""
    _set_removed(turn_id, participant, is_removed=False)


def _set_removed(turn_id: UUID, participant: Participant, *, is_removed: bool) -> None:
    turn = locked_turn(turn_id, participant)
    turn.is_removed = is_removed
    turn.save(update_fields=["is_removed"])


@transaction.atomic
def remove_conversation(*, conversation_id: UUID, participant: Participant) -> None:
    """Delete a conversation for good, with everything in it. Twice is the same as once."""
    check_takes_part(participant)
    UnsharedConversation.objects.filter(pk=conversation_id, participant=participant).delete()
    finish_if_nothing_waits(participant)


def finish_if_nothing_waits(participant: Participant) -> None:
    """The review is done once everything was shared or removed."""
    if not UnsharedConversation.objects.filter(participant=participant).exists():
        finish_part(participant=participant, name=REVIEW)


def locked_conversation(conversation_id: UUID, participant: Participant) -> UnsharedConversation:
    """The owner's finished conversation, held against change until the transaction ends."""
    check_takes_part(participant)
    rows = UnsharedConversation.objects.select_for_update(of=("self",))
    conversation = rows.filter(pk=conversation_id, participant=participant).first()
    if conversation is None:
        raise ValidationError(_("This conversation is not here any more."))
    if conversation.state != UnsharedConversation.State.FINISHED:
        raise ValidationError(_("This conversation is still going on. Finish it first."))
    return conversation


def locked_turn(turn_id: UUID, participant: Participant) -> UnsharedTurn:
    """A turn of the owner's, its conversation held against change."""
    turn = UnsharedTurn.objects.filter(pk=turn_id, conversation__participant=participant).first()
    if turn is None:
        raise ValidationError(_("This turn is not here any more."))
    turn.conversation = locked_conversation(turn.conversation_id, participant)
    return turn
