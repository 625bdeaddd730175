"""What `/me/` shows of a study: what a person gave, what came of it, and who could see it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Count, Exists, F, Max, OuterRef, Prefetch, Q, QuerySet, Value

from annotation.models import Assignment, Judgment, Rater
from collection.models import Conversation
from collection.unshared.models import Donation, UnsharedConversation
from generation.models import Attribute, Evidence, Prompt
from generation.owning import OWNER
from llm.models import Call
from releases.models import Release
from releases.personal.holding_back import CONVERSE, hidden_conversations
from studies.models import Consent, ConsentScope, Participant


@dataclass(frozen=True, slots=True)
class Answers:
    """How many answers a person gave at a stage, and when last."""

    stage: str
    count: int
    last: datetime


@dataclass(frozen=True, slots=True)
class Reached:
    """A model that was sent something of the person's, how often and when last."""

    model: str
    """Empty as long as it is hidden."""
    count: int
    last: datetime


@dataclass(frozen=True, slots=True)
class Released:
    """A release, and what of the person's it may hold, by what they allowed on its day."""

    release: Release
    words: bool
    ratings: bool


def conversations_of(person: Participant) -> QuerySet[Conversation]:
    """What they shared, the latest first."""
    rows = Conversation.objects.filter(participant=person).annotate(length=Count("turns"))
    return rows.order_by("-shared_at", "ref")


def unshared_of(person: Participant) -> QuerySet[UnsharedConversation]:
    """What only they can see."""
    rows = UnsharedConversation.objects.filter(participant=person)
    chosen = Count("turns", filter=Q(turns__is_chosen=True))
    return rows.annotate(length=chosen).order_by("created_at", "pk")


def donations_of(person: Participant) -> QuerySet[Donation]:
    """Files that were not chosen from yet."""
    return Donation.objects.filter(participant=person).order_by("created_at")


def noticed_about(person: Participant) -> QuerySet[Attribute]:
    """What models stated about them, with where it was said; as long as it is remembered, or with
    their own words in its place.
    """
    stated = Attribute.objects.filter(participant=person).exclude(author=OWNER)
    rows = _with_places(stated.filter(Q(forgotten_at__isnull=True) | _corrected()))
    words = Attribute.objects.remembered().order_by("pk")
    return rows.prefetch_related(Prefetch("corrections", words, to_attr="own_words"))


def _corrected() -> Q:
    """Do their own words stand in its place?"""
    words = Attribute.objects.remembered().filter(corrects=OuterRef("pk"))
    return Q(Exists(words))


def written_by(person: Participant) -> QuerySet[Attribute]:
    """What they wrote about themselves, as long as it is remembered."""
    own = Attribute.objects.filter(participant=person, author=OWNER).remembered()
    return _with_places(own).select_related("corrects")


def forgotten_by(person: Participant) -> QuerySet[Attribute]:
    """What they asked not to remember, the latest first; with their own words instead, if any."""
    rows = Attribute.objects.filter(participant=person, forgotten_at__isnull=False)
    rows = rows.filter(Q(author=OWNER) | ~_corrected())
    return rows.prefetch_related("corrections").order_by("-forgotten_at", "ref")


def _with_places(rows: QuerySet[Attribute]) -> QuerySet[Attribute]:
    places = Evidence.objects.select_related("conversation", "turn").order_by("pk")
    return rows.prefetch_related(Prefetch("evidence", places)).order_by("ref")


def prompts_of(person: Participant) -> QuerySet[Prompt]:
    """Requests of theirs."""
    return Prompt.objects.filter(participant=person).order_by("ref")


def answers_of(person: Participant) -> list[Answers]:
    """By stage; one query."""
    given = Judgment.objects.filter(rater__participant=person).values("stage")
    rows = given.annotate(count=Count("pk"), last=Max("submitted_at")).order_by("stage")
    return [Answers(**row) for row in rows]


def peers_who_saw(person: Participant) -> int:
    """How many other people hold or held a place to judge something about them."""
    places = Assignment.objects.filter(subject=person, rater__kind=Rater.Kind.HUMAN)
    others = places.exclude(rater__participant=person)
    return others.aggregate(n=Count("rater", distinct=True))["n"] or 0


def models_reached(person: Participant) -> list[Reached]:
    """The models that were asked about them; what was computed here left nothing.

    Those they talk to have no name as long as they are hidden.
    """
    calls = Call.objects.filter(subject=person.pk).exclude(endpoint__protocol="baseline")
    if not hidden_conversations(person):
        return _by_model(calls, F("model_asked"))
    talking = calls.filter(purpose=CONVERSE)
    return _by_model(talking, Value("")) + _by_model(
        calls.exclude(purpose=CONVERSE), F("model_asked")
    )


def _by_model(calls: QuerySet[Call], name: F | Value) -> list[Reached]:
    named = calls.order_by().annotate(model=name).values("model")
    rows = named.annotate(count=Count("pk"), last=Max("started_at")).order_by("model")
    return [Reached(**row) for row in rows]


def releases_with(person: Participant) -> list[Released]:
    """Releases built since they came, with what their consents let into each; two queries."""
    since = person.entered_at
    rows = Release.objects.filter(
        study=person.study_id, published_at__isnull=False, published_at__gte=since
    )
    consents = list(person.consents.all())
    return [
        Released(
            release,
            words=_allowed(consents, ConsentScope.PUBLISH_WORDS, release.published_at),
            ratings=_allowed(consents, ConsentScope.PUBLISH_RATINGS, release.published_at),
        )
        for release in rows.order_by("version")
    ]


def _allowed(consents: Sequence[Consent], scope: str, at: Any) -> bool:
    return any(
        one.scope == scope
        and (one.given_at is None or one.given_at <= at)
        and (one.withdrawn_at is None or one.withdrawn_at > at)
        for one in consents
    )
