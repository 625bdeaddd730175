"""The questions of a job, rendered without asking them: what a run's price is worked out from.

Each kind registers how its jobs are rendered, by the same code that asks. What depends on an answer
that nobody has yet is rendered from what stands for it now.
"""

from collections.abc import Callable, Iterable, Iterator

from generation import extraction, relevance
from generation.allowed import Gone
from generation.handlers.rows import attributes_of, conversation_of, prompt_of
from generation.posed import Posed
from generation.rehearsal import questions_of_response
from work.claims import Claim
from work.models import Job

Questions = Callable[[Claim], Iterable[Posed]]

_known: dict[str, Questions] = {}


def register(kind: str, questions: Questions) -> None:
    """Let `questions` render what the jobs of this kind ask; it may raise `Gone`."""
    _known[kind] = questions


def questions_of(job: Job) -> list[Posed]:
    """What a job would ask now, and whom; nothing if what it was about is gone.

    Raises KeyError for a kind that nobody registered.
    """
    try:
        return list(_known[job.kind](_as_if_claimed(job)))
    except Gone:
        return []


def _as_if_claimed(job: Job) -> Claim:
    """A claim that holds nothing: it only says which job it is."""
    return Claim(
        job_id=job.pk,
        kind=job.kind,
        payload=job.payload,
        attempt=0,
        max_attempts=job.max_attempts,
        scope=job.scope,
        subject=job.subject,
        run_id=job.run_id,
    )


def of_extraction(claim: Claim) -> Iterator[Posed]:
    """One question about the conversation."""
    yield Posed(extraction.prompt_for(conversation_of(claim).turns_at()), extraction.schema())


def of_relevance(claim: Claim) -> Iterator[Posed]:
    """One question about the attributes."""
    attributes = attributes_of(claim)
    question = relevance.prompt_for(prompt_of(claim), attributes)
    yield Posed(question, relevance.schema(len(attributes)))


def of_response(claim: Claim) -> Iterator[Posed]:
    """All that its strategy asks."""
    yield from questions_of_response(claim)
