"""Rules that answer when no model is configured, by task; each row they make says so."""

from collections.abc import Callable, Mapping
from typing import Any

from llm.errors import EndpointBroken

# From a prompt's structured inputs to what a model would have answered: JSON, or plain text.
Solve = Callable[[Mapping[str, Any]], Any]

MODEL = "baseline/rules"

_solvers: dict[str, Solve] = {}


def register(task: str, solve: Solve) -> None:
    """Let `solve` answer the prompts of this task. It must depend on its input alone."""
    _solvers[task] = solve


def solver_for(task: str) -> Solve:
    """The rules for this task; raises `EndpointBroken` if there are none."""
    try:
        return _solvers[task]
    except KeyError:
        detail = f"no baseline is registered for {task!r}"
        raise EndpointBroken("no_baseline", detail) from None
