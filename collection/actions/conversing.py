"""Talking to a model: beginning, saying something, stopping, choosing, rating, finishing."""

from collections.abc import Iterable, Sequence
from datetime import timedelta
from uuid import UUID

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from collection.converse.document import ConverseSection
from collection.converse.drawing import drawn, new_seed
from collection.converse.lanes import (
    failed_often,
    is_under_way,
    is_usable,
    lanes_of,
    latest_replies,
)
from collection.converse.progress import PART, count_finished, replied_turns
from collection.converse.rules import (
    AWAITS,
    ENDED,
    NO_REPLY,
    OVER,
    TAKEN_BACK,
    check_may_converse,
    check_may_send,
    checked_key,
    checked_text,
)
from collection.endpoints import endpoint_for
from collection.models import Turn
from collection.unshared.models import UnsharedConversation, UnsharedTurn
from llm.models import Endpoint
from studies.actions.parts import begin_part, finish_part
from studies.models import Participant, Study
from studies.refs import new_ref

MOST_ATTEMPTS = 10
"""At one reply, within `ATTEMPTS_WITHIN`."""
ATTEMPTS_WITHIN = timedelta(hours=1)
MOST_CONVERSATIONS_IN_VAIN = 2
"""Conversations without replies, after which nobody is asked for more."""
RATINGS = range(1, 6)


@transaction.atomic
def begin_conversation(*, participant: Participant, topic: str = "") -> UnsharedConversation:
    """The person's open conversation; a new one, its models drawn, if there is none."""
    section = check_may_converse(participant)
    Participant.objects.select_for_update(no_key=True).get(pk=participant.pk)
    mine = participant.unshared_conversations.filter(source=UnsharedConversation.Source.LIVE)
    if under_way := mine.filter(state=UnsharedConversation.State.OPEN).first():
        return under_way
    if count_finished(participant) >= section.conversations:
        raise ValidationError(_("You have had all the conversations that this study asks for."))
    if section.topics and topic not in {known.key for known in section.topics}:
        raise ValidationError(_("Choose something to talk about."))
    begin_part(participant=participant, name=PART)
    lot = drawn(section, new_seed())
    return UnsharedConversation.objects.create(
        study=participant.study,
        participant=participant,
        ref=new_ref(),
        source=UnsharedConversation.Source.LIVE,
        language=participant.language or participant.study.languages[0],
        topic=topic if section.topics else "",
        system_prompt=lot.system_prompt,
        endpoints=lot.endpoints,
        seed=lot.seed,
        began_at=timezone.now(),
    )


@transaction.atomic
def send_turn(*, conversation: UnsharedConversation, text: str, send_key: str) -> UnsharedTurn:
    """Store what the person says and ask for the replies; sent again by the same key, it is there.

    Raises ValidationError, with the code `awaits` or `over` where the time for it is not now.
    """
    row = _locked(conversation)
    send_key = checked_key(send_key)
    if send_key and (sent := row.turns.filter(send_key=send_key).first()):
        return sent
    section = check_may_converse(row.participant)
    check_may_send(row, row.turns.filter(role=Turn.Role.USER).count(), section)
    text = checked_text(text, section.longest)
    last = row.turns.order_by("-position").values_list("position", flat=True).first()
    position = 0 if last is None else last + 1
    said = row.turns.create(
        position=position,
        role=Turn.Role.USER,
        content=text,
        awaits_reply=True,
        send_key=send_key,
    )
    _ask_for(row, position + 1, range(lanes_of(row)))
    return said


def _ask_for(row: UnsharedConversation, position: int, places: Sequence[int]) -> None:
    """Make the rows of replies that are to come."""
    count = lanes_of(row)
    names = row.endpoints or [""]
    UnsharedTurn.objects.bulk_create(
        UnsharedTurn(
            conversation=row,
            position=position,
            place=place,
            role=Turn.Role.ASSISTANT,
            state=UnsharedTurn.State.WAITING,
            endpoint=_reachable(row.study, names[place % count]),
            is_chosen=count == 1,
        )
        for place in places
    )


def _reachable(study: Study, name: str) -> Endpoint:
    """The endpoint; what is wrong with it is not for the person to read: it names the model."""
    try:
        return endpoint_for(study, name)
    except ValidationError as error:
        sentence = _("The model can't be reached at the moment. Nothing was sent; try again later.")
        raise ValidationError(sentence) from error


@transaction.atomic
def stop_replies(*, conversation: UnsharedConversation, seen: Sequence[int]) -> None:
    """Stop what is coming in; `seen` says, per lane, how many characters are shown already.

    A reply that has begun is stopped by whoever reads it, at once; one that has not, here.
    """
    row = _locked(conversation)
    count = lanes_of(row)
    for reply in _replies_under_way(row):
        shown = seen[reply.place % count] if reply.place % count < len(seen) else 0
        reply.wants_stop, reply.seen = True, shown
        if reply.state == UnsharedTurn.State.WAITING:
            reply.state, reply.finished_at = UnsharedTurn.State.STOPPED, timezone.now()
        reply.save(update_fields=["wants_stop", "seen", "state", "finished_at"])


@transaction.atomic
def try_again(*, conversation: UnsharedConversation) -> None:
    """Ask once more for the replies that broke off or were stopped; a second time does nothing."""
    row = _locked(conversation)
    check_may_converse(row.participant)
    _check_open(row)
    said, replies = _last_exchange(row)
    if any(is_under_way(reply) for reply in replies):
        return
    again = [reply for reply in replies if _may_be_asked_again(reply, said)]
    if not again:
        raise ValidationError(_("There is no reply to ask for again."))
    count = lanes_of(row)
    _check_not_too_often(row, again)
    UnsharedTurn.objects.filter(pk__in=[reply.pk for reply in again]).update(is_chosen=False)
    UnsharedTurn.objects.filter(pk=said.pk).update(awaits_reply=True)
    _ask_for(row, said.position + 1, [reply.place + count for reply in again])


def _check_not_too_often(row: UnsharedConversation, again: Iterable[UnsharedTurn]) -> None:
    """Raise ValidationError, saying when it may be tried again, after many tries of late."""
    now, count = timezone.now(), lanes_of(row)
    since = now - ATTEMPTS_WITHIN
    for reply in again:
        tried = row.turns.filter(position=reply.position, created_at__gt=since)
        times = sorted(t.created_at for t in tried if t.place % count == reply.place % count)
        if len(times) >= MOST_ATTEMPTS:
            minutes = 1 + (times[-MOST_ATTEMPTS] - since) // timedelta(minutes=1)
            sentence = ngettext(
                "This was tried often. You may try again in %(n)s minute.",
                "This was tried often. You may try again in %(n)s minutes.",
                minutes,
            )
            raise ValidationError(sentence % {"n": minutes})


def _may_be_asked_again(reply: UnsharedTurn, said: UnsharedTurn) -> bool:
    if said.awaits_reply:
        return not is_usable(reply)
    return reply.is_chosen and reply.state == UnsharedTurn.State.STOPPED


@transaction.atomic
def choose_reply(*, conversation: UnsharedConversation, reply: UUID) -> None:
    """Go on from this one of the last replies, be it one that broke off; the others stay."""
    row = _locked(conversation)
    check_may_converse(row.participant)
    _check_open(row)
    said, replies = _last_exchange(row)
    if any(is_under_way(other) for other in replies):
        raise ValidationError(_("Wait until every reply is here, or stop them."), code=AWAITS)
    if reply not in {other.pk for other in replies if other.content}:
        raise ValidationError(_("Choose one of the replies to your last message."))
    at_position = row.turns.filter(position=said.position + 1)
    at_position.filter(is_chosen=True).exclude(pk=reply).update(is_chosen=False)
    at_position.filter(pk=reply).update(is_chosen=True)
    UnsharedTurn.objects.filter(pk=said.pk).update(awaits_reply=False)


@transaction.atomic
def rate_reply(*, conversation: UnsharedConversation, reply: UUID, rating: int) -> None:
    """Say how good a reply was, from 1 to 5; it may be said anew."""
    row = _locked(conversation)
    section = check_may_converse(row.participant)
    found = row.turns.filter(pk=reply, role=Turn.Role.ASSISTANT, is_chosen=True).first()
    if not section.rating or found is None or is_under_way(found) or rating not in RATINGS:
        raise ValidationError(_("This can't be rated."))
    found.rating = rating
    found.save(update_fields=["rating"])


@transaction.atomic
def finish_conversation(*, conversation: UnsharedConversation) -> None:
    """End it; after the last one that the study asks for, the part is done. Twice is once."""
    row = _locked(conversation)
    section = check_may_converse(row.participant)
    if row.state == UnsharedConversation.State.OPEN:
        _check_may_finish(row, section)
        _end(row)
    if count_finished(row.participant) >= section.conversations:
        finish_part(participant=row.participant, name=PART)


@transaction.atomic
def take_back(*, conversation: UnsharedConversation) -> str:
    """Remove the last message, to which no reply came, with what came instead; its text.

    A second time there is nothing to take back, and the text is empty.
    """
    row = _locked(conversation)
    check_may_converse(row.participant)
    _check_open(row)
    said = row.turns.filter(awaits_reply=True).first()
    if said is None:
        return ""
    _check_in_vain(row, said)
    row.turns.filter(position__gte=said.position).delete()
    row.extra = {**row.extra, TAKEN_BACK: row.turns.filter(role=Turn.Role.USER).count()}
    row.save(update_fields=["extra"])
    return said.content


@transaction.atomic
def end_without_reply(*, conversation: UnsharedConversation) -> None:
    """End a conversation whose model does not answer, however few turns it has. Twice is once.

    It counts as one that was had; after the second such one the part is done.
    """
    row = _locked(conversation)
    section = check_may_converse(row.participant)
    if row.state == UnsharedConversation.State.OPEN:
        said = row.turns.filter(role=Turn.Role.USER).order_by("-position").first()
        if row.extra.get(TAKEN_BACK) != row.turns.filter(role=Turn.Role.USER).count():
            _check_in_vain(row, said)
        row.extra = {**row.extra, ENDED: NO_REPLY}
        _end(row)
    in_vain = row.participant.unshared_conversations.filter(**{f"extra__{ENDED}": NO_REPLY})
    is_enough = in_vain.count() >= MOST_CONVERSATIONS_IN_VAIN
    if is_enough or count_finished(row.participant) >= section.conversations:
        finish_part(participant=row.participant, name=PART)


def _check_in_vain(row: UnsharedConversation, said: UnsharedTurn | None) -> None:
    """Raise ValidationError unless the replies to the last message failed often."""
    replies = row.turns.filter(position=said.position + 1) if said else ()
    if said is None or not failed_often(row, said, replies):
        raise ValidationError(_("The model may still answer. Try again first."), code=AWAITS)


def _check_may_finish(row: UnsharedConversation, section: ConverseSection) -> None:
    if _replies_under_way(row):
        raise ValidationError(_("Wait until the reply is here, or stop it."), code=AWAITS)
    left = section.min_turns - replied_turns(row)
    if left > 0:
        raise ValidationError(
            ngettext("%(n)s more turn to go.", "%(n)s more turns to go.", left) % {"n": left}
        )


def _end(row: UnsharedConversation) -> None:
    _drop_open_turn(row)
    row.state, row.finished_at = UnsharedConversation.State.FINISHED, timezone.now()
    row.save(update_fields=["state", "finished_at", "extra"])


def _drop_open_turn(row: UnsharedConversation) -> None:
    """Nothing is awaited any more; what broke off and was not kept is not shared either."""
    said = row.turns.filter(awaits_reply=True).first()
    if said is None:
        return
    row.turns.filter(position=said.position + 1, is_chosen=True).update(is_chosen=False)
    UnsharedTurn.objects.filter(pk=said.pk).update(awaits_reply=False)


def _locked(conversation: UnsharedConversation) -> UnsharedConversation:
    """The row as it is now, held against everybody else until the transaction ends."""
    rows = UnsharedConversation.objects.select_related("study", "participant__study")
    row = rows.select_for_update(of=("self",), no_key=True).filter(pk=conversation.pk).first()
    if row is None or row.source != UnsharedConversation.Source.LIVE:
        raise PermissionDenied(_("This conversation is not here any more."))
    return row


def _check_open(row: UnsharedConversation) -> None:
    if row.state != UnsharedConversation.State.OPEN:
        raise ValidationError(_("This conversation is finished."), code=OVER)


def _replies_under_way(row: UnsharedConversation) -> list[UnsharedTurn]:
    replies = row.turns.select_for_update(no_key=True).filter(role=Turn.Role.ASSISTANT)
    return [reply for reply in replies.order_by("-position")[:100] if is_under_way(reply)]


def _last_exchange(row: UnsharedConversation) -> tuple[UnsharedTurn, list[UnsharedTurn]]:
    """What the person said last, and the replies to it that are shown."""
    said = row.turns.filter(role=Turn.Role.USER).order_by("-position").first()
    if said is None:
        raise ValidationError(_("Nothing was said yet."))
    replies = row.turns.select_for_update(no_key=True).filter(position=said.position + 1)
    return said, latest_replies(row, replies)
