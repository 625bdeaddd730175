"""Leaving a rater out of the figures, and taking them in again."""

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models.functions import Now
from django.utils.translation import gettext as _

from annotation.actions.disputing import look_again_at_all_of
from annotation.models import Exclusion, Rater
from studies.models import User
from studies.rules import check_can_manage

LONGEST_REASON = 500


@transaction.atomic
def exclude_rater(*, rater: Rater, reason: str, by: User) -> Exclusion:
    """Leave a person's judgments out of the figures from now on; nothing is deleted.

    Raises ValidationError without a reason, for models, and for somebody who is left out already;
    PermissionDenied for who may only look.
    """
    check_can_manage(rater.study, by)
    reason = reason.strip()
    if not reason or len(reason) > LONGEST_REASON or "\x00" in reason:
        most = {"most": LONGEST_REASON}
        raise ValidationError({"reason": _("Say why, in at most %(most)s characters.") % most})
    # Two clicks at once would otherwise meet at the constraint.
    locked = Rater.objects.select_for_update(of=("self",)).get(pk=rater.pk)
    if locked.kind != Rater.Kind.HUMAN:
        raise ValidationError(_("Only people are left out; a judge's figures stand on their own."))
    if locked.exclusions.filter(ended_at=None).exists():
        raise ValidationError(_("They are left out already."))
    row = Exclusion.objects.create(rater=locked, reason=reason, by=by.get_username())
    look_again_at_all_of(locked, because=f"{row.pk} begins")
    return row


@transaction.atomic
def end_exclusion(*, rater: Rater, by: User) -> Exclusion:
    """Take their judgments in again; that they were left out stays on record."""
    check_can_manage(rater.study, by)
    row = rater.exclusions.select_for_update().filter(ended_at=None).first()
    if row is None:
        raise ValidationError(_("They are not left out."))
    row.ended_at, row.ended_by = Now(), by.get_username()
    row.save(update_fields=["ended_at", "ended_by"])
    row.refresh_from_db()
    look_again_at_all_of(rater, because=f"{row.pk} ends")
    return row
