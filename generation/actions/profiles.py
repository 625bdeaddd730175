"""What changes profiles."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.db import transaction

from generation.models import Profile
from studies.models import Participant


@transaction.atomic
def record_profile(
    *,
    participant: Participant,
    text: str,
    author: str,
    content_digest: str,
    provenance: Mapping[str, Any],
    call_id: UUID | None,
) -> Profile:
    """Keep a summary of a person; the same of the same content is kept once, as it was first."""
    profile, _is_new = Profile.objects.get_or_create(
        participant=participant,
        author=author,
        content_digest=content_digest,
        defaults={
            "study_id": participant.study_id,
            "text": text,
            "provenance": dict(provenance),
            "call_id": call_id,
        },
    )
    return profile
