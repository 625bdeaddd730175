"""What a run has to ask: the jobs of a stage, each named by everything its answer depends on."""

from collections.abc import Callable, Iterator
from uuid import UUID

from generation.planning import extraction, merging, relevance, responses, verifying
from generation.stages import EXTRACTION, MERGE, REFINE, RELEVANCE, RESPONSE, VERIFY
from llm.models import Endpoint
from studies.models import Participant, Study
from work.claims import Plan


def plans_for(
    study: Study, stage: str, endpoint: Endpoint, person: Participant | None = None
) -> list[Plan]:
    """The jobs of a stage, or those about one person, whether or not they were enqueued before.

    Raises KeyError for an unknown stage.
    """
    jobs: dict[str, Callable[[Study, Endpoint, UUID | None], Iterator[Plan]]] = {
        EXTRACTION: extraction.plans,
        VERIFY: verifying.verifications,
        REFINE: verifying.refinements,
        MERGE: merging.plans,
        RELEVANCE: relevance.plans,
        RESPONSE: responses.plans,
    }
    return list(jobs[stage](study, endpoint, person.pk if person else None))
