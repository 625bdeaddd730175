"""Who may judge a stage in a role, beyond what holds everywhere: the study's own rules.

A study that declares none is asked nothing: no query is made, but for whether the rater is left out
where that is not known yet.
"""

from collections.abc import Mapping
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db.models import Exists, OuterRef, QuerySet
from django.utils.translation import gettext as _

from annotation.assigning import Eligibility
from annotation.choices import Purpose
from annotation.exclusions import is_left_out
from annotation.models import Assignment, Judgment, Rater
from studies.comprehension import NAME as COMPREHENSION
from studies.models import Participant, Study
from studies.parts import ENDED
from studies.recruitment.identities import same_person_in
from studies.screening import fits

State = Assignment.State


class NotEligible(PermissionDenied):
    """The study's rules give this rater nothing (more) of a stage in a role."""


def check_is_eligible(study: Study, stage: str, role: str, rater: Rater) -> None:
    """Raise NotEligible, with a sentence for the rater, unless the study's rules let them judge.

    Whoever is left out of the figures judges nothing more: it would be paid, and count nowhere.
    """
    if rater.participant and rater.participant.outcome in ENDED:
        raise NotEligible(_ended(rater.participant))
    if is_left_out(rater):
        raise NotEligible(_("Nothing more is asked of you. What you gave stays."))
    section = (study.document.get("stages") or {}).get(stage) or {}
    rules = (section.get("eligibility") or {}).get(role)
    if rules:
        _check(study, stage, role, rater, rules)


def is_eligible(study: Study, stage: str, role: str, rater: Rater) -> bool:
    """Do the study's rules let them judge?"""
    try:
        check_is_eligible(study, stage, role, rater)
    except NotEligible:
        return False
    return True


def _check(study: Study, stage: str, role: str, rater: Rater, section: Mapping[str, Any]) -> None:
    """What costs least comes first."""
    rules = Eligibility.model_validate(section)
    person = rater.participant
    if person is None or not _is_qualified(person, rules):
        raise NotEligible(_("This part is for other people. Thank you for your interest."))
    if rules.comprehension and not _passed(person):
        raise NotEligible(_("Something comes before this. The study's page shows what is next."))
    if rules.quota is not None and _judged(stage, role, rater) >= rules.quota:
        raise NotEligible(_("You have judged as many of these as one person may. Thank you."))
    if rules.not_in and _judged_in(rules.not_in, person):
        raise NotEligible(_("You took part in another study that must not be mixed with this."))


def _is_qualified(person: Participant, rules: Eligibility) -> bool:
    if rules.expert and not person.is_expert:
        return False
    return not rules.answers or fits(rules.answers, person.traits)


def _ended(person: Participant) -> str:
    """Why nothing more is asked of them, as the study's last page says it."""
    if person.outcome == Participant.Outcome.SCREENED_OUT:
        return _(
            "This study looks for other people at the moment, or has enough of them."
            " Nothing more is asked of you."
        )
    return _(
        "The questions on what the study is about were not answered as expected, so it ends here."
        " Nothing more is asked of you."
    )


def _passed(person: Participant) -> bool:
    """The comprehension check. Of those who failed it the way has ended."""
    return person.parts.filter(name=COMPREHENSION, finished_at__isnull=False).exists()


def _judged(stage: str, role: str, rater: Rater) -> int:
    """How many tasks of purpose main they have filled."""
    places = Assignment.objects.filter(
        rater=rater, stage=stage, role=role, state__in=Assignment.FILLED, purpose=Purpose.MAIN
    )
    return places.count()


def _judged_in(slugs: list[str], person: Participant) -> bool:
    """Did the same person, by account or by a panel's id, judge in one of these studies?"""
    others = Study.objects.filter(slug__in=slugs).exclude(pk=person.study_id)
    return any(_has_judged(same_person_in(other, person)) for other in others)


def _has_judged(people: "QuerySet[Participant]") -> bool:
    judged = Judgment.objects.filter(rater__participant=OuterRef("pk"))
    return people.filter(Exists(judged)).exists()
