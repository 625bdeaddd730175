"""The jobs of relevance: one per prompt and person of whom something is known."""

from collections.abc import Iterator
from uuid import UUID

from generation import prompt_files
from generation.knowledge import attributes_by_person
from generation.planning.jobs import (
    content_of,
    payload_of,
    plan_of,
    prompts_for,
)
from generation.stages import RELEVANCE
from llm.models import Endpoint
from studies.models import Study
from work.claims import Plan


def plans(study: Study, endpoint: Endpoint, about: UUID | None) -> Iterator[Plan]:
    """Those of a study, or about one person."""
    known = attributes_by_person(study, endpoint, about)
    version = prompt_files.load("relevance").version
    for prompt in prompts_for(study, endpoint, about):
        for person in [prompt.participant_id] if prompt.participant_id else list(known):
            if attributes := known.get(person):
                yield plan_of(
                    RELEVANCE,
                    study,
                    endpoint,
                    subject=person,
                    payload=payload_of(prompt, person, attributes),
                    depends_on={
                        "content": content_of(prompt, attributes),
                        "prompt_version": version,
                    },
                )
