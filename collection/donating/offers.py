"""What a participant may choose from a donation, and how much they have given already."""

from datetime import UTC, date, datetime
from uuid import UUID

from collection.donating import store
from collection.donating.document import DonateSection
from collection.donating.listing import Listed, marked
from collection.models import Conversation
from collection.unshared.models import Donation, UnsharedConversation
from studies.models import Participant

DONATED = Conversation.Source.DONATED
LONG_AGO = datetime.min.replace(tzinfo=UTC)


def count_given(participant: Participant) -> int:
    """Conversations that they gave from elsewhere, shared or not yet."""
    unshared = UnsharedConversation.objects.filter(participant=participant, source=DONATED)
    shared = Conversation.objects.filter(participant=participant, source=DONATED)
    return unshared.count() + shared.count()


def waiting_donation(participant: Participant) -> Donation | None:
    """The file from which they have still to choose, if there is one."""
    return Donation.objects.waiting().filter(participant=participant).first()


def offers_of(donation: Donation, terms: DonateSection) -> list[Listed]:
    """Everything in a donation, newest first, marked with what can't be given, and why."""
    given = given_origins(donation.participant)
    lines = [
        marked(
            line,
            is_given=bool(line.origin) and line.origin in given,
            is_too_old=not line.fault and is_too_old(line.began_at, terms.since),
        )
        for line in store.lines_of(donation.pk)
    ]
    return sorted(lines, key=lambda line: line.began_at or LONG_AGO, reverse=True)


def offer_of(donation: Donation, terms: DonateSection, number: int) -> Listed | None:
    """One of them."""
    found = offers_of(donation, terms)
    return next((line for line in found if line.number == number), None)


def is_too_old(began_at: datetime | None, since: date | None) -> bool:
    """Does the study ask for later conversations? One without a date can't be known to be late."""
    return since is not None and (began_at is None or began_at.date() < since)


def given_origins(participant: Participant) -> set[str]:
    """Digests of what they gave before and did not remove since."""
    unshared = UnsharedConversation.objects.filter(participant=participant)
    here = set(unshared.values_list("pk", flat=True))
    here |= set(Conversation.objects.filter(participant=participant).values_list("pk", flat=True))
    rows = Donation.objects.filter(participant=participant).values_list("given", flat=True)
    taken = {origin for given in rows for origin, one in given.items() if UUID(one) in here}
    return taken | set(unshared.exclude(origin="").values_list("origin", flat=True))
