"""Subsets of places and judgments: who may take them, which of them count."""

from typing import TYPE_CHECKING, Any, NamedTuple, Self

from django.apps import apps
from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.db.models.functions import Now

from annotation.choices import Purpose, Role
from generation.models import Attribute, GivenAttribute
from studies.models import ConsentScope, Participant

if TYPE_CHECKING:  # the models are made from these
    from annotation import models as tables


class Taker(NamedTuple):
    """A rater as far as it matters for what they may take; values, or what stands for them."""

    rater: Any
    person: Any
    language: Any


class AssignmentQuerySet(models.QuerySet["tables.Assignment"]):
    """Places, by who may take them."""

    def eligible_for(self, rater: "tables.Rater", role: str) -> Self:
        """Owners get their own; others never their own, and only what its owner shares.

        A rater who chose a language is given what was said in it, or in none that is known.
        """
        language = rater.participant.language if rater.participant else ""
        taker = Taker(rater.pk, rater.participant_id, language)
        return self.open_to(taker, role, speaks=bool(language)).unmet_by(rater.pk).remembered()

    def open_to(self, taker: "Taker", role: str, *, speaks: bool) -> Self:
        """The same, whatever anybody asked to forget; `speaks` if the rater chose a language."""
        if role == Role.OWNER:
            return self.filter(subject=taker.person)
        held = self.model.objects.filter(task=OuterRef("task"), rater=taker.rater)
        own = Q(subject__isnull=False, subject=taker.person)
        shown = self.shown_to(role).filter(~own, ~Exists(held))
        if role == Role.EXPERT:
            shown = shown.undecided_by(taker.rater)
        if not speaks:
            return shown
        spoken = Q(subject__language="") | Q(subject__language=taker.language)
        return shown.filter(Q(subject__isnull=True) | spoken)

    def given_up(self) -> Self:
        """Those whose lease ran out, unless they were made for one rater alone."""
        late = self.filter(state="leased", lease_until__lt=Now())
        return late.filter(purpose__in=(Purpose.MAIN, Purpose.ADJUDICATION))

    def undecided_by(self, rater: Any) -> Self:
        """All but what a rater would decide who is one of those that disagree about it."""
        judgments = apps.get_model("annotation", "Judgment")._base_manager
        theirs = judgments.filter(rater=rater, item__task_items__task=OuterRef("task"))
        return self.filter(~Q(purpose=Purpose.ADJUDICATION) | ~Exists(theirs))

    def unmet_by(self, rater: Any) -> Self:
        """All but tasks in which something stands that the rater was given with a known answer."""
        entries = apps.get_model("annotation", "TaskItem")._base_manager
        known = entries.filter(
            purpose__in=(Purpose.GOLD, Purpose.CHECK), task__assignments__rater=rater
        )
        met = entries.filter(item__in=known.values("item"))
        return self.filter(~Q(task__in=met.values("task")))

    def shown_to(self, role: str) -> Self:
        """Those about nobody, or about people who share with others than themselves."""
        if role == Role.OWNER:
            return self
        shared = Participant.objects.consented(ConsentScope.PEERS)
        return self.filter(Q(subject__isnull=True) | Q(subject__in=shared))

    def still_shared(self) -> Self:
        """Those of owners, and those that nobody took back since they were given out."""
        shared = Participant.objects.consented(ConsentScope.PEERS)
        is_shared = Q(subject__isnull=True) | Q(subject__in=shared)
        return self.filter(Q(role=Role.OWNER) | is_shared)

    def remembered(self) -> Self:
        """Those of tasks in which something stands that its owner did not ask to forget."""
        entries = apps.get_model("annotation", "TaskItem")._base_manager
        attributes = entries.filter(item__attribute__forgotten_at__isnull=False)
        others = entries.filter(task=OuterRef("task")).filter(
            Q(item__attribute__isnull=True) | Q(item__attribute__forgotten_at__isnull=True)
        )
        kept = self.filter(~Q(task__in=attributes.values("task")) | Exists(others))
        for response in ("first", "second"):
            made = {f"item__{response}__given__attribute__forgotten_at__isnull": False}
            kept = kept.filter(~Q(task__in=entries.filter(**made).values("task")))
        return kept


class ItemQuerySet(models.QuerySet["tables.Item"]):
    """Items, by whether what they are about may be remembered."""

    def remembered(self) -> Self:
        """Those about nothing that its owner asked to forget, nor about what was made with it."""
        # Small sets that depend on no row: looked up once, whatever the planner thinks of tables
        # that were filled a moment ago.
        forgotten = Attribute.objects.filter(forgotten_at__isnull=False).values("pk")
        made = GivenAttribute.objects.filter(attribute__in=forgotten).values("response")
        return self.filter(~Q(attribute__in=forgotten), ~Q(first__in=made), ~Q(second__in=made))


class JudgmentQuerySet(models.QuerySet["tables.Judgment"]):
    """Judgments, by revision and by what people allowed."""

    def latest_revisions(self) -> Self:
        """Those that no later revision of the same rater on the same item replaces."""
        same = ("item", "rater", "task", "arm", "is_swapped", "sample")
        later = self.model.objects.filter(
            **{name: OuterRef(name) for name in same}, revision__gt=OuterRef("revision")
        )
        return self.filter(~Exists(later))

    def consented(self, scope: str) -> Self:
        """Those whose rater allowed the scope; models and data without a person included."""
        allowed = Participant.objects.consented(scope)
        return self.filter(Q(rater__participant__isnull=True) | Q(rater__participant__in=allowed))

    def without_excluded(self) -> Self:
        """Those of raters whom nobody has left out of the figures."""
        exclusions = apps.get_model("annotation", "Exclusion")._base_manager
        left_out = exclusions.filter(ended_at__isnull=True).values("rater")
        return self.exclude(rater__in=left_out)
