"""Who came to a study and how far: what its people's board shows."""

from dataclasses import dataclass
from itertools import islice
from uuid import UUID

from django.db.models import Count, QuerySet

from studies.models import Part, Participant, Study
from studies.recruitment.models import Entry, EntryCount

FUNNEL = ("opened", "consented", "declined", "screened_out", "attention", "done", "left")
MOST_PEOPLE = 500
"""Shown on one page."""


@dataclass(frozen=True, slots=True)
class PersonLine:
    """A participant by pseudonym."""

    participant: Participant
    parts: list[str]
    """Names of the parts that they finished."""


def funnel(study: Study) -> dict[str, int]:
    """How many came how far, by FUNNEL; the first and third count visits, the rest people."""
    visits = _visits(study)
    people = _came(study)
    outcomes = dict(people.values_list("outcome").annotate(n=Count("pk")).order_by())
    return {
        "opened": sum(visits.values()),
        "consented": people.count(),
        "declined": visits.get(Entry.Outcome.DECLINED, 0),
        "screened_out": outcomes.get(Participant.Outcome.SCREENED_OUT, 0),
        "attention": outcomes.get(Participant.Outcome.ATTENTION, 0),
        "done": outcomes.get(Participant.Outcome.DONE, 0),
        "left": people.filter(left_at__isnull=False).count(),
    }


def _came(study: Study) -> QuerySet[Participant]:
    """Those who agreed at the study's door; imported people never came here."""
    return Participant.objects.filter(study=study, basis=Participant.Basis.PLATFORM)


def _visits(study: Study) -> dict[str, int]:
    """Entries by outcome: those of the last day, and those that are only counted."""
    present = Entry.objects.filter(study=study).values_list("outcome").annotate(n=Count("pk"))
    counts: dict[str, int] = dict(present.order_by())
    for row in EntryCount.objects.filter(study=study):
        counts[row.outcome] = counts.get(row.outcome, 0) + row.number
    return counts


def people_of(study: Study) -> list[PersonLine]:
    """The latest participants with the parts they finished; two queries."""
    newest = _came(study).order_by("-entered_at", "ref")
    people = list(islice(newest.iterator(), MOST_PEOPLE))
    finished: dict[UUID, list[str]] = {row.pk: [] for row in people}
    parts = Part.objects.filter(participant__in=people, finished_at__isnull=False)
    for participant_id, name in parts.order_by("finished_at").values_list("participant", "name"):
        finished[participant_id].append(name)
    return [PersonLine(row, finished[row.pk]) for row in people]
