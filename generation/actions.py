"""What changes attributes, prompts, responses and selections, and what sets machines to work."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import transaction

from collection.models import LONGEST_TEXT, Conversation, Turn
from generation.extraction import LONGEST_STATEMENT, Accepted
from generation.mentions import is_mentioned
from generation.models import Attribute, Evidence, GivenAttribute, Prompt, Response, Selection
from generation.planning import plans_for
from llm.models import Endpoint
from studies.models import Participant, Study
from work import queue
from work.models import Run

OWNER = "owner"
"""The author of attributes that a person wrote about themselves."""


@dataclass(frozen=True)
class Quoted:
    """Where a person finds an attribute in their conversation: a span of one turn's content."""

    turn: Turn
    start: int
    end: int


@dataclass(frozen=True)
class Choice:
    """Whether an attribute was chosen for a prompt."""

    prompt_id: UUID
    attribute_id: UUID
    value: bool


# -- What people write ---------------------------------------------------------


@transaction.atomic
def add_attribute(
    *,
    participant: Participant,
    text: str,
    type: str = "",
    scope: str = "",
    conversation: Conversation | None = None,
    quoted: Quoted | None = None,
) -> Attribute:
    """An attribute that a participant writes about themselves.

    Raises ValidationError if it is empty or too long, of an unknown type or scope, or quotes what
    the participant did not say.
    """
    attribute = Attribute(
        study_id=participant.study_id,
        participant=participant,
        text=text.strip(),
        type=type,
        scope=scope,
        explicitness=Attribute.Explicitness.STATED if quoted else "",
        author=OWNER,
    )
    _check_statement(attribute.text)
    attribute.full_clean(validate_unique=False, validate_constraints=False)
    attribute.save()
    said_in = quoted.turn.conversation if quoted else conversation
    if said_in is not None:
        _check_own(said_in, participant)
        Evidence.objects.create(attribute=attribute, conversation=said_in, **_span(quoted))
    return attribute


def _check_statement(text: str) -> None:
    if not text:
        raise ValidationError("Please write what should be known about you.")
    if len(text) > LONGEST_STATEMENT:
        raise ValidationError(f"Please use at most {LONGEST_STATEMENT} characters.")


def _check_own(conversation: Conversation, participant: Participant) -> None:
    if conversation.participant_id != participant.pk:
        raise ValidationError("This conversation is not yours.")


def _span(quoted: Quoted | None) -> dict[str, Any]:
    if quoted is None:
        return {}
    if not 0 <= quoted.start < quoted.end <= len(quoted.turn.content):
        raise ValidationError("What is quoted does not lie within the turn.")
    return {"turn": quoted.turn, "start": quoted.start, "end": quoted.end}


@transaction.atomic
def add_prompt(
    *,
    study: Study,
    text: str,
    participant: Participant | None = None,
    before: Sequence[Mapping[str, str]] = (),
    type: str = "",
) -> Prompt:
    """A new request, of a person or of the study's pool. Raises ValidationError."""
    if not text.strip():
        raise ValidationError("A prompt needs a text.")
    if len(text) > LONGEST_TEXT:
        raise ValidationError(f"A prompt has at most {LONGEST_TEXT:,} characters.")
    turns = [{"role": turn["role"], "content": turn["content"]} for turn in before]
    prompt = Prompt(study=study, participant=participant, text=text, before=turns, type=type)
    prompt.full_clean(validate_unique=False, validate_constraints=False)
    prompt.save()
    return prompt


# -- What models propose -------------------------------------------------------


@transaction.atomic
def record_attributes(
    *,
    conversation: Conversation,
    author: str,
    accepted: Sequence[Accepted],
    provenance: Mapping[str, Any],
    call_id: UUID | None,
) -> list[Attribute]:
    """Keep what a model proposed and could quote, each with its evidence."""
    rows = [
        Attribute(
            study_id=conversation.study_id,
            participant_id=conversation.participant_id,
            text=found.proposal.text.strip(),
            type=found.proposal.type,
            explicitness=found.proposal.explicitness,
            scope=found.proposal.scope,
            author=author,
            provenance={**provenance, "confidence": found.proposal.confidence},
            call_id=call_id,
        )
        for found in accepted
    ]
    Attribute.objects.bulk_create(rows)
    Evidence.objects.bulk_create(
        Evidence(
            attribute=row,
            conversation=conversation,
            turn=found.turn,
            start=found.start,
            end=found.end,
        )
        for row, found in zip(rows, accepted, strict=True)
    )
    return rows


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


# -- What sets machines to work ------------------------------------------------


@transaction.atomic
def plan_run(*, study: Study, stage: str, endpoint: Endpoint, by: str) -> Run:
    """Enqueue what a stage still has to ask of an endpoint.

    What was asked before (same inputs, prompt file, model and parameters) is not asked again; if
    that is all of it, the run that asked it last is returned. Raises ValidationError if there is
    nothing to ask at all.
    """
    plans = plans_for(study, stage, endpoint)
    if not plans:
        raise ValidationError(_why_nothing(stage, endpoint))
    plan = {
        "stage": stage,
        "endpoint": endpoint.name,
        "model": endpoint.model,
        "jobs": len(plans),
    }
    return start_new(
        study=study, kind=stage, title=f"{stage} by {endpoint.model}", plan=plan, plans=plans, by=by
    )


def _why_nothing(stage: str, endpoint: Endpoint) -> str:
    needed = {
        "extraction": "no conversation",
        "relevance": "no prompt with attributes of its person",
        "response": "no prompt whose strategies have what they need",
    }[stage]
    where = "here" if endpoint.is_baseline else "that may be sent to third-party models"
    return f"There is nothing to ask: {needed} {where}."


@transaction.atomic
def start_new(
    *,
    study: Study,
    kind: str,
    title: str,
    plan: Mapping[str, Any],
    plans: Sequence[queue.Plan],
    by: str,
) -> Run:
    """A run of those plans that no earlier run asked; the latest earlier run if there are none."""
    run = queue.start_run(scope=study.scope, kind=kind, title=title[:200], plan=plan, by=by)
    jobs = queue.enqueue_many([replace(one, run=run) for one in plans])
    earlier = Run.objects.filter(pk__in={job.run_id for job in jobs if job.run_id} - {run.pk})
    latest = earlier.order_by("-created_at").first()
    if latest is None or any(job.run_id == run.pk for job in jobs):
        return run
    run.delete()
    return latest
