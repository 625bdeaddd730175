"""What the jobs of all stages are made of: the rows they are about, and the key."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django.db.models import Q, QuerySet

from collection.models import Turn
from generation.allowed import of_the_allowed
from generation.models import Attribute, Prompt
from llm.models import Endpoint
from studies.models import Study
from work.claims import Plan
from work.keys import digest_of


def about_person(person: UUID | None) -> Q:
    """The condition on rows of one person; on all without one."""
    return Q(participant=person) if person else Q()


def prompts_for(study: Study, endpoint: Endpoint, about: UUID | None) -> QuerySet[Prompt]:
    """The person's own and the study's pool; without a person, everybody's."""
    asked = about_person(about) | Q(participant__isnull=True) if about else Q()
    rows = study.prompts.filter(asked, of_the_allowed(endpoint))
    return rows.exclude(text="").order_by("ref")


def payload_of(
    prompt: Prompt, person: UUID | None, attributes: Sequence[Attribute]
) -> dict[str, Any]:
    """Which rows a job is about."""
    return {
        "prompt": str(prompt.pk),
        "participant": str(person) if person else None,
        "attributes": [str(attribute.pk) for attribute in attributes],
    }


def content_of(prompt: Prompt, attributes: Sequence[Attribute], turns: Sequence[Turn] = ()) -> str:
    """The digest of what a job gives the model to read."""
    texts = [attribute.text for attribute in attributes]
    said = [[[turn.role, turn.content] for turn in turns]] if turns else []
    return digest_of([prompt.before, prompt.text, texts, *said])


def plan_of(
    kind: str,
    study: Study,
    endpoint: Endpoint,
    *,
    subject: UUID | None,
    payload: dict[str, Any],
    depends_on: dict[str, Any],
) -> Plan:
    """A job that asks an endpoint."""
    whole = {**payload, "endpoint": str(endpoint.pk)}
    asked = {"model": endpoint.model, "parameters": endpoint.extra_params, **depends_on}
    return Plan(
        kind=kind,
        key={**whole, **asked},
        payload=whole,
        scope=study.scope,
        subject=subject,
        lane=endpoint.lane,
    )
