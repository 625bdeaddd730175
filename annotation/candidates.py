"""What a rater may be given, and what they hold: the statements of a claim, each built once.

Their cost does not grow with the number of items: each reads the head of an index.
"""

from functools import cache
from typing import Any, NamedTuple

from django.db.models import Case, CharField, Exists, OuterRef, Q, UUIDField, When
from django.db.models.functions import Now

from annotation.choices import Role
from annotation.exclusions import IS_LEFT_OUT
from annotation.models import Assignment, Rater
from annotation.querysets import AssignmentQuerySet, Taker
from generation.models import Attribute
from studies.models import ConsentScope, Participant, Study
from work.statements import Given, Select, SelectValues

LONGEST_QUEUE = 1_000
"""More places are not counted, so that the cost does not grow with the study."""
State = Assignment.State
STUDY, RATER, PERSON = (Given(name, UUIDField()) for name in ("study", "rater", "person"))
STAGE, ROLE, LANGUAGE = (Given(name, CharField()) for name in ("stage", "role", "language"))
SOMEBODY = Taker(RATER, PERSON, LANGUAGE)

HOLDER: Select[Rater] = Select(
    Rater.objects.select_for_update(no_key=True, of=("self",))
    .select_related("participant")
    .filter(pk=RATER)
    .annotate(
        takes_part=Exists(
            Participant.objects.consented(ConsentScope.TAKE_PART).filter(pk=OuterRef("participant"))
        ),
        forgets=Exists(Attribute.objects.filter(study=STUDY, forgotten_at__isnull=False)),
        is_left_out=IS_LEFT_OUT,
    )
)
"""The rater, locked: two clicks at once would otherwise take two places. An answer of theirs may be
stored meanwhile, for whose place a claim waits. `forgets` says whether anything in the study must
not be shown any more; mostly nothing is, and then nobody looks."""

HOLDS: Select[Assignment] = Select(
    Assignment.objects.filter(rater=RATER, state=State.LEASED).only("pk")[:1]
)
"""Mostly there is none: a look at the index spares the wide query."""

_SHARING = Participant.objects.consented(ConsentScope.PEERS)
PLACE: Select[Assignment] = Select(
    Assignment.objects.select_for_update(of=("self",))
    .select_related("task", "rater__participant", "study")
    .filter(pk=Given("place", UUIDField()))
    .annotate(
        asked_at=Now(),
        takes_part=Exists(
            Participant.objects.consented(ConsentScope.TAKE_PART).filter(
                pk=OuterRef("rater__participant")
            )
        ),
        is_shared=Case(
            When(Q(role=Role.OWNER) | Q(subject__isnull=True), then=True),
            default=Exists(_SHARING.filter(pk=OuterRef("subject"))),
        ),
        forgets=Exists(
            Attribute.objects.filter(study=OuterRef("study"), forgotten_at__isnull=False)
        ),
    )
)
"""One place, locked, with all that answering it depends on."""


def whose(study: Study, stage: str, role: str, rater: Rater) -> dict[str, Any]:
    """What the statements about one rater are given."""
    person = rater.participant
    return {
        "study": study.pk,
        "stage": stage,
        "role": role,
        "rater": rater.pk,
        "person": rater.participant_id,
        "language": person.language if person else "",
    }


class Looking(NamedTuple):
    """What decides which statement a look-up needs; the rest is told when it is executed."""

    role: str
    forgets: bool
    speaks: bool
    """Did the rater choose a language?"""
    knows: bool
    """Does the stage ask what has known answers?"""


def looking(study: Study, stage: str, role: str, rater: Rater, *, forgets: bool = True) -> Looking:
    """For this rater at this stage."""
    section = (study.document.get("stages") or {}).get(stage) or {}
    speaks = bool(rater.participant and rater.participant.language)
    return Looking(role, forgets, speaks, bool(section.get("gold") or section.get("checks")))


def held(*, role: str, forgets: bool) -> "Select[Assignment]":
    """What the rater holds already, unless its owner stopped sharing it since."""
    return _held(role == Role.OWNER, forgets)


@cache
def free(looking: Looking) -> "Select[Assignment]":
    """The first free place that the rater may take."""
    rows = _eligible(_places().filter(state=State.FREE), looking)
    return Select(rows.order_by("rank")[:1])


@cache
def expired(looking: Looking) -> "Select[Assignment]":
    """The place whose lease ran out first, of those that the rater may take a stand-in for."""
    rows = _eligible(_places().given_up(), looking)
    return Select(rows.order_by("lease_until")[:1])


@cache
def some_free(looking: Looking) -> "SelectValues[Assignment]":
    """One free place that the rater may take, without locking it; mostly the first looked at."""
    places = Assignment.objects.filter(study=STUDY, stage=STAGE, role=ROLE, state=State.FREE)
    return SelectValues(_eligible(places, looking).order_by("rank").values("pk")[:1])


@cache
def some_expired(looking: Looking) -> "SelectValues[Assignment]":
    """The same of places whose lease ran out."""
    places = Assignment.objects.filter(study=STUDY, stage=STAGE, role=ROLE).given_up()
    return SelectValues(_eligible(places, looking).order_by("lease_until").values("pk")[:1])


@cache
def waiting(looking: Looking) -> "SelectValues[Assignment]":
    """The tasks of the free places that the rater may take; `LONGEST_QUEUE` of them at most."""
    places = Assignment.objects.filter(study=STUDY, stage=STAGE, role=ROLE, state=State.FREE)
    return SelectValues(_eligible(places, looking).values("task_id")[:LONGEST_QUEUE])


@cache
def waiting_late(looking: Looking) -> "SelectValues[Assignment]":
    """The same of places whose lease ran out, for which the rater may take a stand-in."""
    places = Assignment.objects.filter(study=STUDY, stage=STAGE, role=ROLE).given_up()
    return SelectValues(_eligible(places, looking).values("task_id")[:LONGEST_QUEUE])


@cache
def _held(owns: bool, forgets: bool) -> "Select[Assignment]":
    # Waited for if a draft or an answer is just being stored: it is nobody else's.
    rows = _places(skip_locked=False).filter(rater=RATER, state=State.LEASED)
    shown = rows.shown_to(_role(owns))
    return Select((shown.remembered() if forgets else shown).order_by("lease_until")[:1])


def _eligible(places: AssignmentQuerySet, looking: Looking) -> AssignmentQuerySet:
    rows = places.open_to(SOMEBODY, looking.role, speaks=looking.speaks)
    rows = rows.unmet_by(RATER) if looking.knows else rows
    return rows.remembered() if looking.forgets else rows


def _role(owns: bool) -> str:
    return Role.OWNER if owns else Role.PEER


def _places(*, skip_locked: bool = True) -> Any:
    places = Assignment.objects.filter(study=STUDY, stage=STAGE, role=ROLE)
    # A place that somebody else is just taking is not worth waiting for.
    return (
        places.select_for_update(skip_locked=skip_locked, of=("self",))
        .select_related("task__conversation", "task__prompt")
        .annotate(asked_at=Now())  # the database's clock: workers' clocks are never compared
    )
