"""What keeps what a verifier said of an attribute, and what the extractor made of it."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models.functions import Now

from generation.actions.attributes import record_attributes
from generation.extraction import Accepted
from generation.models import Attribute, AttributeLink, Verification
from generation.verifying import Quoted


@transaction.atomic
def record_verification(
    *,
    attribute: Attribute,
    author: str,
    fault: str,
    provenance: Mapping[str, Any],
    call_id: UUID | None,
) -> Verification | None:
    """Keep a verifier's word; without a fault the attribute is supported.

    Its first word stays. None if the attribute is not remembered any more.
    """
    if _locked(attribute) is None:
        return None
    verification, _is_new = Verification.objects.get_or_create(
        attribute=attribute,
        author=author,
        defaults={
            "is_supported": not fault,
            "fault": fault,
            "provenance": dict(provenance),
            "call_id": call_id,
        },
    )
    return verification


@transaction.atomic
def record_revision(
    *,
    attribute: Attribute,
    verification: Verification,
    revision: Accepted,
    said: Quoted,
    provenance: Mapping[str, Any],
    call_id: UUID | None,
) -> Attribute | None:
    """Keep the better statement beside the one it stands in for; both stay as they are.

    None if the attribute was forgotten or replaced meanwhile: then it needs no better one.
    """
    if not _still_stands(attribute):
        return None
    fault = {"refines": verification.fault}
    rows = record_attributes(
        conversation=said.conversation,
        author=attribute.author,
        accepted=[revision],
        provenance={**provenance, **fault},
        call_id=call_id,
    )
    AttributeLink.objects.create(
        study_id=attribute.study_id,
        attribute=attribute,
        other=rows[0],
        kind=AttributeLink.Kind.REFINED,
        replaces=True,
        author=attribute.author,
        provenance={**provenance, "fault": verification.fault, "verifier": verification.author},
        call_id=call_id,
    )
    return rows[0]


@transaction.atomic
def drop_attribute(*, attribute: Attribute, verification: Verification) -> bool:
    """Keep that the extractor gave the attribute up; False if it did not stand any more."""
    if not _still_stands(attribute):
        return False
    rows = Verification.objects.filter(pk=verification.pk, dropped_at__isnull=True)
    return bool(rows.update(dropped_at=Now()))


def _still_stands(attribute: Attribute) -> bool:
    return _locked(attribute) is not None and (
        Attribute.objects.current().filter(pk=attribute.pk).exists()
    )


def _locked(attribute: Attribute) -> Attribute | None:
    """The row, if it is remembered: forgetting locks it too."""
    rows = Attribute.objects.select_for_update(of=("self",)).remembered()
    return rows.filter(pk=attribute.pk).first()
