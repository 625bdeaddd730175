"""Giving past conversations: a file comes, its owner chooses, and the file goes."""

from collections.abc import Collection, Iterator, Mapping
from datetime import datetime, timedelta
from functools import partial
from typing import BinaryIO
from uuid import uuid4

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from collection.donating import store
from collection.donating.document import DonateSection, terms_of
from collection.donating.listing import Listed
from collection.donating.offers import count_given, offers_of
from collection.importers.format import PastTurn, Unreadable
from collection.importers.limits import LARGEST_FILE, MEGABYTE
from collection.importers.reading import Found, read
from collection.unshared.models import (
    Donation,
    DonationQuerySet,
    UnsharedConversation,
    UnsharedTurn,
)
from studies.actions.parts import finish_part
from studies.models import Participant
from studies.rules import check_takes_part

KEPT_FOR = timedelta(hours=24)
TURNS_AT_ONCE = 500
LONGEST_MODEL = 200


def receive_donation(*, participant: Participant, file: BinaryIO, size: int) -> Donation:
    """Read a file of past conversations for its owner to choose from; one before it goes.

    Nothing of a file that can't be read whole is kept: ValidationError with a sentence.
    """
    terms = _terms(participant)
    if count_given(participant) >= terms.most:
        raise ValidationError(_("You have given as many conversations as the study asks for."))
    if size > LARGEST_FILE:
        raise ValidationError(too_large())
    donation = Donation(pk=uuid4(), participant=participant, size=size)
    try:
        lines = store.write(donation.pk, _noting_format(file, terms, donation), _owner(participant))
        _check_found(lines)
        return _keep(donation, len(lines))
    except BaseException as failure:
        store.remove(donation.pk)
        if isinstance(failure, Unreadable):
            raise ValidationError(str(failure)) from None
        raise


def too_large() -> str:
    """The sentence for a file that is not even looked at."""
    sentence = _(
        "The file is larger than %(most)s MB, so it was not read. If pictures make it so large, "
        "unpack it and choose conversations.json, or a zip of that alone."
    )
    return sentence % {"most": LARGEST_FILE // MEGABYTE}


@transaction.atomic
def take_conversations(
    *, participant: Participant, donation: Donation, versions: Mapping[int, int]
) -> list[UnsharedConversation]:
    """Keep what its owner chose, for them alone to review, and delete the file.

    `versions`: number of each chosen conversation → which of its versions, from 0.
    """
    terms = _terms(participant)
    donation = _locked(participant, donation)
    chosen = _chosen(offers_of(donation, terms), versions)
    _check_count(participant, terms, len(chosen))
    taken = [_take(donation, line, versions[line.number]) for line in chosen]
    donation.given = {row.origin: str(row.pk) for row in taken}
    donation.emptied_at = timezone.now()
    donation.save(update_fields=["given", "emptied_at"])
    if count_given(participant) >= terms.least:
        finish_part(participant=participant, name="donate")
    transaction.on_commit(partial(store.remove, donation.pk))
    return taken


@transaction.atomic
def give_up_donation(*, participant: Participant, donation: Donation) -> None:
    """Delete a file without taking anything from it; what was given before stays."""
    _forget(Donation.objects.waiting().filter(participant=participant, pk=donation.pk))


def delete_old_donations(at: datetime) -> None:
    """Delete files whose owners did not choose in time, and files that no row speaks for."""
    before = at - KEPT_FOR
    with transaction.atomic():
        _forget(Donation.objects.waiting().filter(created_at__lt=before))
    waiting = Donation.objects.waiting().values_list("pk", flat=True)
    store.remove_left_behind(before, {str(pk) for pk in waiting})


def _terms(participant: Participant) -> DonateSection:
    check_takes_part(participant)
    terms = terms_of(participant.study)
    if terms is None:
        raise PermissionDenied(_("This study does not ask for past conversations."))
    return terms


def _owner(participant: Participant) -> str:
    return str(participant.pk)


def _noting_format(file: BinaryIO, terms: DonateSection, donation: Donation) -> Iterator[Found]:
    """What is in the file, while its format is noted."""
    for found in read(file, terms.formats):
        donation.format = found.format
        yield found


def _check_found(lines: list[Listed]) -> None:
    """Refuse a file of which nothing could be given."""
    if not lines:
        raise ValidationError(_("There is no conversation in this file."))
    if all(line.fault for line in lines):
        sentence = _("None of the conversations in this file can be read. Of the first: %(fault)s")
        raise ValidationError(sentence % {"fault": lines[0].fault})


@transaction.atomic
def _keep(donation: Donation, found: int) -> Donation:
    """The donation's row, instead of the one that waited before."""
    people = Participant.objects.select_for_update(no_key=True)
    participant = people.filter(pk=donation.participant_id).first()
    if participant is None:  # erased while the file was read
        raise PermissionDenied(_("You no longer take part in this study."))
    check_takes_part(participant)
    _forget(Donation.objects.waiting().filter(participant=participant))
    donation.found = found
    donation.save(force_insert=True)
    return donation


def _forget(donations: DonationQuerySet) -> None:
    """Delete rows, and their files once that is certain."""
    for donation in donations.select_for_update():
        transaction.on_commit(partial(store.remove, donation.pk))
        donation.delete()


def _locked(participant: Participant, donation: Donation) -> Donation:
    """The donation, held against a second choice until the transaction ends."""
    waiting = Donation.objects.waiting().select_for_update(of=("self",))
    held = waiting.select_related("participant").filter(participant=participant, pk=donation.pk)
    found = held.first()
    if found is None:
        raise ValidationError(_("You have chosen from this file already, or it was deleted."))
    return found


def _chosen(offers: Collection[Listed], versions: Mapping[int, int]) -> list[Listed]:
    """The lines that were chosen; each has to be on offer."""
    offered = {line.number: line for line in offers if line.can_be_given}
    for number, version in versions.items():
        if number not in offered or not 0 <= version < offered[number].versions:
            raise ValidationError(_("One of the conversations you chose cannot be given."))
    if not versions:
        raise ValidationError(_("Choose at least one conversation."))
    return [offered[number] for number in sorted(versions)]


def _check_count(participant: Participant, terms: DonateSection, count: int) -> None:
    left = max(0, terms.most - count_given(participant))
    if count > left:
        sentence = ngettext(
            "You can give %(left)s conversation; you chose %(count)s.",
            "You can give %(left)s conversations; you chose %(count)s.",
            left,
        )
        raise ValidationError(sentence % {"left": left, "count": count})


def _take(donation: Donation, line: Listed, version: int) -> UnsharedConversation:
    """One conversation with the turns of the version that was chosen."""
    participant = donation.participant
    conversation = UnsharedConversation.objects.create(
        study_id=participant.study_id,
        participant=participant,
        source=UnsharedConversation.Source.DONATED,
        state=UnsharedConversation.State.FINISHED,
        donation=donation,
        origin=line.origin,
        title=line.title,
        began_at=line.began_at,
        finished_at=timezone.now(),
    )
    turns = store.past_of(donation.pk, line).version(version)
    UnsharedTurn.objects.bulk_create(
        (_turn(conversation, position, turn) for position, turn in enumerate(turns)),
        batch_size=TURNS_AT_ONCE,
    )
    return conversation


def _turn(conversation: UnsharedConversation, position: int, turn: PastTurn) -> UnsharedTurn:
    return UnsharedTurn(
        conversation=conversation,
        position=position,
        role=turn.role,
        content=turn.content,
        model=turn.model[:LONGEST_MODEL],
        finished_at=conversation.finished_at,
    )
