"""What changes a study: its document, and whether people may work in it."""

from collections.abc import Mapping
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from studies.document import apply_sections, check_document
from studies.models import Membership, Study, User
from studies.rules import check_can_manage


@transaction.atomic
def load_study(*, document: Mapping[str, Any], by: User | None, is_new: bool = False) -> Study:
    """Make the study that a checked document describes, or bring it up to the document.

    `by` None is the operator at the command line. With `is_new`, a study that exists is refused
    instead of changed. Raises ValidationError, PermissionDenied.
    """
    check_document(document)
    study = Study.objects.select_for_update(no_key=True).filter(slug=document["slug"]).first()
    if study and is_new:
        raise ValidationError(
            f"There is a study “{study.slug}” already; a new one needs another slug."
        )
    if study is None:
        study = Study.objects.create(slug=document["slug"], document=document)
        if by:
            Membership.objects.create(study=study, user=by, role=Membership.Role.OWNER)
    elif by:
        check_can_manage(study, by)
    study.document = dict(document)
    study.save(update_fields=["document"])
    apply_sections(study, document)
    return study


@transaction.atomic
def close_study(*, study: Study, by: User) -> None:
    """Ask nothing more of anyone. Closed again, it stays closed since the first time."""
    check_can_manage(study, by)
    if study.is_open:
        study.closed_at = timezone.now()
    study.state = Study.State.CLOSED
    study.save(update_fields=["state", "closed_at"])


@transaction.atomic
def open_study(*, study: Study, by: User) -> None:
    """Let people in again."""
    check_can_manage(study, by)
    study.state, study.closed_at = Study.State.OPEN, None
    study.save(update_fields=["state", "closed_at"])
