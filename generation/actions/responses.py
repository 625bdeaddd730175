"""What changes responses."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from django.db import transaction

from collection.models import Turn
from generation.mentions import is_mentioned
from generation.models import Attribute, GivenAttribute, GivenTurn, Profile, Prompt, Response


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
    turns: Sequence[Turn] = (),
    profile: Profile | None = None,
) -> Response:
    """Keep a response with the attributes and turns its generator was given, in their order."""
    response = Response.objects.create(
        study_id=prompt.study_id,
        prompt=prompt,
        participant_id=participant_id,
        strategy=strategy,
        model=model,
        text=text,
        provenance={**provenance, "length": len(text)},
        call_id=call_id,
        profile=profile,
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
    GivenTurn.objects.bulk_create(
        GivenTurn(response=response, turn=turn, position=position)
        for position, turn in enumerate(turns)
    )
    return response
