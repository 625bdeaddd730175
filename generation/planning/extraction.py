"""The jobs of extraction: one per conversation in which its person said something."""

from collections.abc import Iterator
from uuid import UUID

from collection.models import Turn
from generation import prompt_files
from generation.allowed import of_the_allowed
from generation.planning.jobs import about_person, plan_of
from generation.stages import EXTRACTION
from llm.models import Endpoint
from studies.models import Study
from work.claims import Plan
from work.keys import digest_of


def plans(study: Study, endpoint: Endpoint, about: UUID | None) -> Iterator[Plan]:
    """Those of a study, or about one person."""
    allowed = study.conversations.filter(about_person(about), of_the_allowed(endpoint))
    rows = allowed.prefetch_related("turns")
    version = prompt_files.load("extraction").version
    for conversation in rows.order_by("ref"):
        turns = conversation.turns_at()
        if not any(turn.role == Turn.Role.USER and turn.content.strip() for turn in turns):
            continue
        said = digest_of([[turn.role, turn.content] for turn in turns])
        yield plan_of(
            EXTRACTION,
            study,
            endpoint,
            subject=conversation.participant_id,
            payload={"conversation": str(conversation.pk)},
            depends_on={"content": said, "prompt_version": version},
        )
