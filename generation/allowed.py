"""Whose words may go to which endpoint now.

Only what its owner allowed to be sent to third-party models goes to an endpoint that is reached
over the network. The offline baseline computes in our own process and nothing leaves it: there,
taking part is enough, or, for data that came with its own basis, not to have left.
"""

from functools import cache
from uuid import UUID

from django.db.models import Q, QuerySet, UUIDField

from llm.models import Endpoint
from studies.models import Consent, ConsentScope, Participant, Study
from work.statements import Given, SelectValues


def may_be_sent(participant: UUID | None, endpoint: Endpoint) -> bool:
    """May this person's words go there now? What belongs to nobody may."""
    if participant is None:
        return True
    return bool(_allowed(is_sent=not endpoint.is_baseline)(participant=participant))


@cache
def _allowed(*, is_sent: bool) -> SelectValues[Participant]:
    one = Participant.objects.filter(pk=Given("participant", UUIDField()))
    return SelectValues(one.filter(_allows(is_sent=is_sent)).values("pk"))


def of_the_allowed(endpoint: Endpoint, person: str = "participant") -> Q:
    """The condition that the person a row is about allowed it, or that there is none."""
    allowed = Participant.objects.filter(_allows(is_sent=not endpoint.is_baseline))
    return Q(**{f"{person}__isnull": True}) | Q(**{f"{person}__in": allowed})


def _allows(*, is_sent: bool) -> Q:
    """The condition on a participant under which their words may leave us, or be read here."""
    consented = Participant.objects.consented
    if is_sent:
        return Q(pk__in=consented(ConsentScope.MODELS))
    left = Consent.objects.filter(scope=ConsentScope.TAKE_PART, withdrawn_at__isnull=False)
    elsewhere = ~Q(basis=Participant.Basis.PLATFORM) & ~Q(pk__in=left.values("participant"))
    return Q(pk__in=consented(ConsentScope.TAKE_PART)) | elsewhere


def people_allowed(study: Study, endpoint: Endpoint) -> QuerySet[Participant]:
    """Those of the study whose words may go there, in the order of their refs."""
    return study.participants.filter(_allows(is_sent=not endpoint.is_baseline)).order_by("ref")


class Gone(Exception):
    """What a job was about was removed, or may no longer be sent there; `outcome` says which."""

    def __init__(self, outcome: str) -> None:
        super().__init__(outcome)
        self.outcome = outcome


def check_allowed(participant: UUID | None, endpoint: Endpoint) -> None:
    """Raise `Gone` unless the person's words may go there now."""
    if not may_be_sent(participant, endpoint):
        raise Gone("not_allowed")
