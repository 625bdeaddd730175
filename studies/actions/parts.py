"""Beginning and finishing a part of a study, and trying its comprehension check."""

from collections.abc import Mapping

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from studies.comprehension import NAME, Attempt, attempts_left, check_of
from studies.models import Part, Participant
from studies.parts import ORDER
from studies.rules import check_takes_part


@transaction.atomic
def begin_part(*, participant: Participant, name: str) -> Part:
    """The row of a part, made when somebody first opens its page: its time begins."""
    check_takes_part(participant)
    if name not in ORDER:
        raise ValidationError(_("This study has no such part."))
    return Part.objects.get_or_create(participant=participant, name=name)[0]


@transaction.atomic
def finish_part(*, participant: Participant, name: str) -> Part:
    """Note that a part is done; a second time changes nothing."""
    begin_part(participant=participant, name=name)
    part = locked_part(participant, name)
    if part.finished_at is None:
        part.finished_at = timezone.now()
        part.save(update_fields=["finished_at"])
    return part


def locked_part(participant: Participant, name: str) -> Part:
    """The part's row, held against everybody else's change until the transaction ends."""
    return Part.objects.select_for_update(no_key=True).get(participant=participant, name=name)


@transaction.atomic
def try_comprehension(
    *, participant: Participant, answers: Mapping[str, str], attempt: int
) -> Attempt:
    """Count one attempt at the check; the last one that fails ends somebody's way.

    `attempt` is how many had been made when the page was shown: a page that is sent twice is
    counted once. Raises ValidationError when a question is unanswered: that is not an attempt.
    """
    check = check_of(participant.study)
    if check is None:
        raise ValidationError(_("This study has no such part."))
    begin_part(participant=participant, name=NAME)
    part = locked_part(participant, NAME)
    wrong = check.wrong(answers)
    if part.finished_at or part.attempts != attempt:
        passed = part.finished_at is not None and not _has_failed(participant)
        return Attempt(False, passed, 0 if part.finished_at else attempts_left(check, part))
    if missing := {row.key for row in check.questions} - set(answers):
        raise ValidationError({key: [_("Choose one of the answers.")] for key in sorted(missing)})
    part.attempts += 1
    left = attempts_left(check, part)
    if not wrong or not left:
        part.finished_at = timezone.now()
    part.save(update_fields=["attempts", "finished_at"])
    if wrong and not left:
        _end(participant, Participant.Outcome.ATTENTION)
    return Attempt(True, not wrong, left)


def _has_failed(participant: Participant) -> bool:
    failed = {"pk": participant.pk, "outcome": Participant.Outcome.ATTENTION}
    return Participant.objects.filter(**failed).exists()


def _end(participant: Participant, outcome: Participant.Outcome) -> None:
    """Their way ends here; the door knows what to say."""
    participant.outcome = outcome
    participant.save(update_fields=["outcome"])
