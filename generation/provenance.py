"""Where a generated row comes from: what is kept beside it so that it can be made again."""

from decimal import Decimal
from typing import Any

from django.db.models import Q

from llm.exchange import Answer, Prompt
from llm.models import Call, Endpoint
from work.claims import Claim

LONGEST_NAME = 120
MODEL = "llm:"
"""What the author of something a model made begins with."""


def author_of(model: str) -> str:
    """What a model is called as the author of attributes and the source of selections."""
    return f"{MODEL}{model}"[:LONGEST_NAME]


def provenance_of(endpoint: Endpoint, prompt: Prompt, answer: Answer) -> dict[str, Any]:
    """Endpoint, models asked and answered, parameters, prompt version, tokens, cost, time."""
    return {
        "endpoint": endpoint.name,
        "model_asked": endpoint.model,
        "model_answered": answer.model,
        "prompt_version": prompt.version,
        "parameters": parameters_of(prompt),
        "prompt_tokens": answer.prompt_tokens,
        "completion_tokens": answer.completion_tokens,
        "cost": None if answer.cost is None else str(answer.cost),
        "latency_ms": answer.latency_ms,
    }


def parameters_of(prompt: Prompt) -> dict[str, Any]:
    """The parameters that were set; what is left out was left to the endpoint."""
    values = {
        "temperature": prompt.temperature,
        "max_tokens": prompt.max_tokens,
        "seed": prompt.seed,
    }
    return {name: value for name, value in values.items() if value is not None}


def spent_by(claim: Claim) -> dict[str, Any]:
    """What the calls that a job used took together, and their ids in the order of asking.

    Answers that an earlier attempt paid for count; what was wasted stands in the ledger alone.
    """
    mine = Q(attempt=claim.attempt) | Q(adopted_by=claim.attempt)
    used = list(Call.objects.filter(mine, job_id=claim.job_id, state=Call.State.OK))
    costs = [call.cost for call in used]
    return {
        "calls": [str(call.pk) for call in used],
        "prompt_tokens": sum(call.prompt_tokens or 0 for call in used),
        "completion_tokens": sum(call.completion_tokens or 0 for call in used),
        "cost": None if None in costs else str(sum(filter(None, costs), Decimal(0))),
        "latency_ms": sum(call.latency_ms or 0 for call in used),
    }
