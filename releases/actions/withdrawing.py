"""Taking back: one scope from now on, or the whole study."""

from django.db import transaction
from django.utils import timezone

from annotation.actions.leaving import give_back_places, take_out_of_queues
from collection.actions.taking_back import end_conversations
from studies.actions.consents import withdraw_consent
from studies.models import Consent, ConsentScope, Participant
from work.actions.jobs import forget_subject


@transaction.atomic
def withdraw_scope(*, participant: Participant, scope: str) -> int:
    """Take back a scope with all that follows from it at once; the number of rows taken back.

    What was released stays released; releases built from now on go by what is in force then.
    """
    taken_back = withdraw_consent(participant=participant, scope=scope)
    if not taken_back:
        return 0
    if scope == ConsentScope.TAKE_PART:
        give_back_places(participant=participant)
    if scope == ConsentScope.PEERS:
        take_out_of_queues(participant=participant)
    if scope in (ConsentScope.TAKE_PART, ConsentScope.CONVERSE):
        end_conversations(participant=participant)
    if scope in (ConsentScope.TAKE_PART, ConsentScope.MODELS):
        forget_subject(participant.pk)
    return taken_back


@transaction.atomic
def leave_study(*, participant: Participant) -> None:
    """Ask nothing more of a person and take nothing more from them; what is there stays.

    Every consent is withdrawn, machine work about them is cancelled, places they hold and places
    that others hold about them are given back, talks that go on end. Done twice it is done once.
    """
    now = timezone.now()
    Participant.objects.filter(pk=participant.pk, left_at__isnull=True).update(left_at=now)
    Consent.objects.filter(participant=participant, withdrawn_at__isnull=True).update(
        withdrawn_at=now
    )
    end_conversations(participant=participant)
    forget_subject(participant.pk)
    give_back_places(participant=participant)
    take_out_of_queues(participant=participant)
    participant.refresh_from_db(fields=["left_at"])
