"""The jobs of the response stage: one per prompt, strategy and person it is answered for."""

from collections.abc import Iterator, Sequence
from uuid import UUID

from generation import prompt_files
from generation.models import Attribute, Prompt
from generation.planning.jobs import (
    attributes_by_person,
    content_of,
    payload_of,
    plan_of,
    prompts_for,
)
from generation.stages import RESPONSE
from generation.strategies.registry import strategies_of
from generation.strategies.strategy import Strategy
from llm.models import Endpoint
from studies.models import Study
from work.claims import Plan


def plans(study: Study, endpoint: Endpoint, about: UUID | None) -> Iterator[Plan]:
    """Those of a study, or about one person."""
    people = list(attributes_by_person(study, endpoint, about))
    for strategy in strategies_of(study):
        for prompt in prompts_for(study, endpoint, about):
            own: list[UUID | None] = [prompt.participant_id]
            for person in people if strategy.needs_person and own == [None] else own:
                attributes = strategy.given(prompt, person, endpoint.model)
                if attributes is not None:
                    yield _response(strategy, prompt, person, attributes, study, endpoint)


def _response(
    strategy: Strategy,
    prompt: Prompt,
    person: UUID | None,
    attributes: Sequence[Attribute],
    study: Study,
    endpoint: Endpoint,
) -> Plan:
    return plan_of(
        RESPONSE,
        study,
        endpoint,
        subject=person,
        payload={**payload_of(prompt, person, attributes), "strategy": strategy.name},
        depends_on={
            "content": content_of(prompt, attributes),
            "prompt_version": prompt_files.load(strategy.prompt_file).version,
        },
    )
