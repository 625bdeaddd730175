"""What changes which attributes were chosen for a prompt."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db import transaction

from generation.actions.automatic import plan_responses
from generation.models import Selection
from studies.models import Study


@dataclass(frozen=True)
class Choice:
    """Whether an attribute was chosen for a prompt."""

    prompt_id: UUID
    attribute_id: UUID
    value: bool


@transaction.atomic
def record_selections(
    *,
    study: Study,
    source: str,
    choices: Sequence[Choice],
    provenance: Mapping[str, Any] | None = None,
) -> None:
    """Keep whether a source chose attributes for prompts.

    A source that decides again replaces its decision: `owner` and `peers` are read from judgments,
    which keep their own history. Responses keep the attributes they were given.
    """
    Selection.objects.bulk_create(
        [
            Selection(
                study=study,
                prompt_id=choice.prompt_id,
                attribute_id=choice.attribute_id,
                source=source,
                value=choice.value,
                provenance=dict(provenance or {}),
            )
            for choice in choices
        ],
        update_conflicts=True,
        unique_fields=["prompt", "attribute", "source"],
        update_fields=["value", "provenance"],
    )
    plan_responses(study=study, attributes=[choice.attribute_id for choice in choices])
