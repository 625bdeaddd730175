"""An answer that was paid for once serves for the very same question of another job."""

from datetime import timedelta
from decimal import Decimal

from django.db import transaction
from django.db.models.functions import Now

from llm.ledger import Question, place_among_calls
from llm.models import Call, Endpoint
from llm.protocols.registry import spoken_by
from work import queue


def reuse(question: Question) -> tuple[Call, Call] | None:
    """A call that answered the very same question of another job, and one that is served by it.

    Only where the same answer was to be expected: at temperature 0, or with a seed. Nothing is
    sent and nothing paid. Within a study, and never beyond the participant it is about. Raises
    `LateClaim` if the job has another holder.
    """
    earlier = _same_question(question) if _is_repeatable(question) else None
    if earlier is None:
        return None
    claim, prompt = question.claim, question.prompt
    with transaction.atomic(durable=True):
        if claim is not None:
            queue.extend(claim)
        number, is_repeat = place_among_calls(question)
        call = Call.objects.create(
            endpoint=question.endpoint,
            job_id=claim.job_id if claim else None,
            attempt=claim.attempt if claim else 0,
            number=number,
            is_repeat=is_repeat,
            reuses=earlier,
            scope=question.scope,
            subject=question.subject,
            purpose=prompt.task,
            flags=[*prompt.flags, "reused"],
            model_asked=question.endpoint.model,
            model_answered=earlier.model_answered,
            prompt_version=prompt.version,
            request_digest=question.digest,
            params=earlier.params,
            prompt_tokens=0,
            completion_tokens=0,
            cost=Decimal(0),
            latency_ms=0,
            finished_at=Now(),
        )
    return earlier, call


def _is_repeatable(question: Question) -> bool:
    """Whether the same answer is meant to come whenever it is asked, as vectors always are."""
    is_vector = question.endpoint.protocol == Endpoint.Protocol.EMBEDDINGS
    params = spoken_by(question.endpoint).params_of(question.endpoint, question.prompt)
    is_settled = is_vector or params.get("temperature") == 0 or params.get("seed") is not None
    return is_settled and question.endpoint.reuse_days > 0 and question.digest != ""


def _same_question(question: Question) -> Call | None:
    age = timedelta(days=question.endpoint.reuse_days)
    same = Call.objects.filter(
        request_digest=question.digest,
        state=Call.State.OK,
        scope=question.scope,
        subject=question.subject,
        http_status=200,
        reuses=None,
        started_at__gt=Now() - age,
    )
    if question.claim is not None:
        same = same.exclude(job_id=question.claim.job_id)
    return same.exclude(raw_response="").order_by("started_at", "pk").first()
