"""Taking somebody's survey, and deciding whether the study looks for them."""

from collections.abc import Mapping
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from studies.actions.parts import begin_part, locked_part
from studies.models import Participant, Study
from studies.rules import check_takes_part
from studies.screening import Quota, fits, quotas_in, rules_in
from studies.survey import NAME, Answers, Question, answer_fault, survey_of

COUNTED = (Participant.Outcome.UNDER_WAY, Participant.Outcome.DONE)
"""Whoever ended otherwise, or left, gives their place in a quota back."""


@transaction.atomic
def send_survey(*, participant: Participant, answers: Mapping[str, Any]) -> Participant:
    """Keep the answers and decide about screening and quotas, once and for good.

    Whoever is screened out keeps an outcome and no answers. Sent again, nothing changes. Raises
    ValidationError with the sentences by question.
    """
    check_takes_part(participant)
    begin_part(participant=participant, name=NAME)
    part = locked_part(participant, NAME)
    row = Participant.objects.select_for_update(no_key=True).get(pk=participant.pk)
    if part.finished_at:
        return row
    row.traits = {**row.traits, **checked_answers(survey_of(participant.study), answers)}
    if not _is_wanted(participant.study, row.traits):
        _screen_out(row, participant.study)
    row.save(update_fields=["traits", "outcome"])
    part.attempts += 1
    part.finished_at = timezone.now()
    part.save(update_fields=["attempts", "finished_at"])
    return row


def checked_answers(questions: list[Question], answers: Mapping[str, Any]) -> Answers:
    """The answers to the survey's questions; what was left out stays out."""
    given = {row.key: answers[row.key] for row in questions if row.key in answers}
    faults = {
        row.key: [fault]
        for row in questions
        if row.key in given and (fault := answer_fault(row, given[row.key]))
    }
    if faults:
        raise ValidationError(faults)
    if unknown := set(answers) - set(given):
        raise ValidationError(_("The survey does not ask: %s.") % ", ".join(sorted(unknown)))
    return given


def _is_wanted(study: Study, traits: Mapping[str, Any]) -> bool:
    if not fits(rules_in(study.document), traits):
        return False
    cells = [quota for quota in quotas_in(study.document) if quota.covers(traits)]
    return not cells or _has_room(study, cells)


def _has_room(study: Study, cells: list[Quota]) -> bool:
    """Whether every cell has a place left; the study's row is held until this one is taken."""
    Study.objects.select_for_update(no_key=True).get(pk=study.pk)
    taken = Participant.objects.filter(
        study=study,
        outcome__in=COUNTED,
        left_at__isnull=True,
        parts__name=NAME,
        parts__finished_at__isnull=False,
    )
    places = {quota.name: quota.limit for quota in cells}
    for traits in taken.values_list("traits", flat=True).iterator():
        for quota in cells:
            places[quota.name] -= quota.covers(traits)
        if min(places.values()) <= 0:
            return False
    return min(places.values()) > 0


def _screen_out(participant: Participant, study: Study) -> None:
    """What they answered is no longer needed for anything; that they answered is."""
    asked = {question.key for question in survey_of(study)}
    kept = {key: value for key, value in participant.traits.items() if key not in asked}
    participant.traits = kept
    participant.outcome = Participant.Outcome.SCREENED_OUT
