"""A person summed up by a model: the question, and how a response comes by the answer.

A summary is written by a job of its own, once per person, model and content: its key sees to that,
whichever response asks first and however many ask at once.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from collection.models import Turn
from generation import prompt_files
from generation.allowed import Gone
from generation.injections import flags_in
from generation.models import Attribute, Profile
from generation.provenance import author_of
from generation.transcripts import transcript
from llm.exchange import Prompt as Question
from llm.models import Endpoint
from work import queue
from work.claims import Claim, Plan
from work.errors import GiveUp, Hold, RetryLater
from work.keys import digest_of
from work.models import Job, JobResult, Run

PROFILE = "profile"
"""What such a job is called in the queue, and its question's task."""
PROMPT_FILE = "summary"
WAIT_SECONDS = 1.0
HELD_SECONDS = 30.0
"""Where another run was to write the summary and is paused."""
SOONER = 3
"""The priority of what other jobs wait for."""


@dataclass(frozen=True)
class Portrait:
    """What a person is summed up from."""

    participant: UUID
    attributes: Sequence[Attribute] = ()
    turns: Sequence[Turn] = ()

    @property
    def facts(self) -> dict[str, Any]:
        """What the model reads; no names of rows."""
        notes = [attribute.text for attribute in self.attributes]
        return {"person": {"notes": notes, "conversations": transcript(self.turns)}}


def question_for(portrait: Portrait) -> Question:
    """The question for a summary."""
    file = prompt_files.load(PROMPT_FILE)
    return Question(
        task=PROFILE,
        messages=prompt_files.messages(file.render(), portrait.facts),
        inputs=portrait.facts,
        version=file.version,
        temperature=0,
        flags=flags_in(portrait.facts),
    )


def content_digest(portrait: Portrait, endpoint: Endpoint) -> str:
    """Names what is summed up, and how it is asked for; the model is the author's name."""
    version = prompt_files.load(PROMPT_FILE).version
    return digest_of([portrait.facts, version, endpoint.extra_params])


def found_profile(portrait: Portrait, endpoint: Endpoint) -> Profile | None:
    """The summary of just this by this model, if it was written."""
    return Profile.objects.filter(
        participant=portrait.participant,
        author=author_of(endpoint.model),
        content_digest=content_digest(portrait, endpoint),
    ).first()


def profile_for(claim: Claim, endpoint: Endpoint, portrait: Portrait) -> Profile:
    """The summary, or `RetryLater` while it is being written.

    Raises `Hold` while that is held, `Gone` if it came to nothing, `GiveUp` if it was given up.
    """
    found = found_profile(portrait, endpoint)
    if found is not None:
        return found
    (job,) = queue.enqueue_many([_plan(claim, endpoint, portrait)])
    if job.state == Job.State.DONE:
        # Written since we looked, or not to be written at all.
        found = found_profile(portrait, endpoint)
        if found is None:
            raise Gone(_outcome(job))
        return found
    if job.state == Job.State.DEAD:
        raise GiveUp(f"no summary of the person: {job.last_error}")
    if job.state == Job.State.HELD and job.last_error:
        raise Hold(job.last_error)
    seconds = HELD_SECONDS if job.state == Job.State.HELD else WAIT_SECONDS
    raise RetryLater("waiting for a summary of the person", after_seconds=seconds, counts=False)


def _outcome(job: Job) -> str:
    result = JobResult.objects.filter(job=job).first()
    return result.outcome if result and result.outcome != "ok" else "gone"


def _plan(claim: Claim, endpoint: Endpoint, portrait: Portrait) -> Plan:
    payload = {
        "participant": str(portrait.participant),
        "endpoint": str(endpoint.pk),
        "attributes": [str(attribute.pk) for attribute in portrait.attributes],
        "turns": [str(turn.pk) for turn in portrait.turns],
    }
    return Plan(
        kind=PROFILE,
        key={**payload, "model": endpoint.model, "content": content_digest(portrait, endpoint)},
        payload=payload,
        scope=claim.scope,
        run=Run.objects.filter(pk=claim.run_id).first() if claim.run_id else None,
        subject=portrait.participant,
        priority=SOONER,
        lane=endpoint.lane,
    )
