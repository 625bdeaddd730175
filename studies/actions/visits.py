"""What is noted of those who only opened a study's door, and when it is forgotten."""

from datetime import datetime, timedelta
from importlib import import_module

from django.conf import settings
from django.contrib.sessions.backends.base import SessionBase
from django.db import transaction
from django.db.models import Count, F

from studies.models import Participant, Study
from studies.recruitment.models import Entry, EntryCount

LIFETIME = timedelta(hours=24)
"""Of what is kept of people who did not agree."""


@transaction.atomic
def note_visit(*, study: Study, visitor: str) -> None:
    """Somebody reads what they would agree to; a visit already noted stays as it is."""
    Entry.objects.get_or_create(study=study, visitor=visitor)


@transaction.atomic
def hold_entry(*, study: Study, visitor: str) -> Entry:
    """A visitor's entry, locked until the transaction ends: who presses twice waits here."""
    return Entry.objects.select_for_update().get_or_create(study=study, visitor=visitor)[0]


@transaction.atomic
def note_yes(*, entry: Entry, participant: Participant, form: str) -> None:
    """Somebody agreed on the form whose key has this hash, and is this participant."""
    entry.outcome, entry.participant, entry.form = Entry.Outcome.CONSENTED, participant, form
    entry.save(update_fields=["outcome", "participant", "form"])


@transaction.atomic
def note_outcome(*, study: Study, visitor: str, outcome: str) -> None:
    """What became of a visit."""
    Entry.objects.update_or_create(study=study, visitor=visitor, defaults={"outcome": outcome})


@transaction.atomic
def forget_sessions() -> None:
    """Delete the sessions that have ended; a link that was never answered is in them, sealed."""
    store: type[SessionBase] = import_module(settings.SESSION_ENGINE).SessionStore
    store.clear_expired()


@transaction.atomic
def forget_entries(*, at: datetime) -> int:
    """Turn entries of more than 24 hours into counts without anybody; how many."""
    old = Entry.objects.select_for_update().filter(at__lt=at - LIFETIME)
    doomed = list(old.values_list("pk", flat=True))
    rows = Entry.objects.filter(pk__in=doomed)
    counts = rows.order_by().values_list("study_id", "outcome").annotate(n=Count("pk"))
    for study_id, outcome, number in list(counts):
        EntryCount.objects.get_or_create(study_id=study_id, outcome=outcome)
        kept = EntryCount.objects.filter(study_id=study_id, outcome=outcome)
        kept.update(number=F("number") + number)
    rows.delete()
    return len(doomed)
