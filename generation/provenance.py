"""Where a generated row comes from: what is kept beside it so that it can be made again."""

from typing import Any

from llm.exchange import Answer, Prompt
from llm.models import Endpoint

LONGEST_NAME = 120


def author_of(model: str) -> str:
    """What a model is called as the author of attributes and the source of selections."""
    return f"llm:{model}"[:LONGEST_NAME]


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
