"""Languages in which tasks wait that no rater of the study reads: they are given to nobody."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.db.models import Count

from annotation.choices import Role
from annotation.models import Assignment, Rater
from studies.models import Participant, Study


@dataclass(frozen=True, slots=True)
class Unread:
    """Tasks of a stage that wait for somebody who reads their language."""

    stage: str
    language: str
    tasks: int
    may_be_chosen: bool
    """Can a rater choose it at the foot of a page?"""


def count_unread(study: Study) -> list[list[Any]]:
    """Stage, language and number of tasks, in values that JSON knows, the most first.

    Mostly two queries, which read raters and participants alone; places are counted only where
    somebody's language is nobody's among the raters.
    """
    people = Rater.objects.filter(study=study, kind=Rater.Kind.HUMAN)
    raters = people.filter(participant__left_at__isnull=True)
    read = set(raters.order_by().values_list("participant__language", flat=True).distinct())
    # A rater who has chosen none is given everything.
    if not read.isdisjoint({"", None}):
        return []
    spoken = Participant.objects.filter(study=study).exclude(language="").order_by()
    unread = set(spoken.values_list("language", flat=True).distinct()) - read
    if not read:  # Whoever comes may choose one of the others.
        unread -= languages_to_choose(study)
    return _waiting(study, sorted(unread)) if unread else []


def _waiting(study: Study, languages: Sequence[str]) -> list[list[Any]]:
    people = Participant.objects.filter(study=study, language__in=languages)
    free = Assignment.objects.filter(
        study=study, state=Assignment.State.FREE, subject__in=people.values("pk")
    )
    places = free.exclude(role=Role.OWNER).shown_to(Role.PEER).order_by()
    rows = places.values_list("stage", "subject__language")
    counted = rows.annotate(n=Count("task", distinct=True))
    return [list(row) for row in counted.order_by("-n", "stage", "subject__language")]


def unread_in(study: Study, counted: Sequence[Sequence[Any]]) -> list[Unread]:
    """What was counted, with whether a rater can choose the language now; no query."""
    can = languages_to_choose(study)
    return [Unread(stage, language, n, language in can) for stage, language, n in counted]


def languages_to_choose(study: Study) -> set[str]:
    """The study's languages that the site's pages have, as the study writes them."""
    codes = {code for code, _name in settings.LANGUAGES}
    known = codes | {code.split("-")[0] for code in codes}
    return {tag for tag in study.languages if tag.lower() in known}
