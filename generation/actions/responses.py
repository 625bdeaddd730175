"""What changes responses."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from django.db import transaction

from generation.mentions import is_mentioned
from generation.models import Attribute, GivenAttribute, Prompt, Response


@transaction.atomic
def record_response(
    *,
    prompt: Prompt,
    participant_id: UUID | None,
    strategy: str,
    model: str,
    text: str,
    given: Sequence[Attribute],
    provenance: Mapping[str, Any],
    call_id: UUID | None,
) -> Response:
    """Keep a response with the attributes its generator was given, in the order given."""
    response = Response.objects.create(
        study_id=prompt.study_id,
        prompt=prompt,
        participant_id=participant_id,
        strategy=strategy,
        model=model,
        text=text,
        provenance={**provenance, "length": len(text)},
        call_id=call_id,
    )
    GivenAttribute.objects.bulk_create(
        GivenAttribute(
            response=response,
            attribute=attribute,
            position=position,
            is_mentioned=is_mentioned(attribute.text, text),
        )
        for position, attribute in enumerate(given)
    )
    return response
