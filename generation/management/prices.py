"""An estimate in plain lines, as commands print it."""

from collections.abc import Iterator, Mapping
from typing import Any

from generation.watching import lasting

KNOWN_FROM = {
    "ledger": "as long as this endpoint's answers so far",
    "limit": "as long as they may be",
    "assumption": "assumed to be {expected} tokens each, from {low} to {high}",
    "rules": "computed here",
    "nothing": "of which none are needed",
}
LIMITED_BY = {
    "concurrency": "with {at_once} questions at once",
    "requests": "at its requests per minute",
    "tokens": "at its tokens per minute",
}
SUFFICES = {
    "yes": "suffices",
    "perhaps": "suffices for what is expected, not for the most",
    "no": "does NOT suffice",
    "unbounded": "lets nothing be asked before the endpoint has prices and a max_output_tokens",
}


def price_lines(estimate: Mapping[str, Any]) -> Iterator[str]:
    """Calls, tokens, cost, time and budgets, a line each."""
    if not estimate.get("calls"):
        yield f"{estimate.get('jobs', 0)} jobs; their endpoint is gone."
        return
    sample = f"from a sample of {estimate['sampled']} rendered jobs"
    yield f"{estimate['jobs']} jobs, {_between(estimate['calls'])} calls ({sample})"
    how = KNOWN_FROM[estimate["answers_known_from"]].format(**estimate["tokens_per_answer"])
    sent, received = estimate["prompt_tokens"], estimate["completion_tokens"]
    yield f"tokens: {_between(sent)} sent, {_between(received)} received (answers {how})"
    yield _cost(estimate["cost"])
    if len(estimate["endpoints"]) > 1:
        for part in estimate["endpoints"]:
            yield f"  {part['endpoint']}: {_between(part['calls'])} calls, {_cost(part['cost'])}"
    yield _time(estimate)
    for budget in estimate["budgets"]:
        yield f"{_whose(budget, estimate)}: {_enough(budget)}"
    if estimate["people_short"]:
        yield f"the budgets of {estimate['people_short']} people do NOT suffice"


def _between(figures: Mapping[str, int]) -> str:
    if figures["low"] == figures["high"]:
        return f"{figures['expected']:,}"
    if figures["low"] == 0 and figures["expected"] == figures["high"]:
        return f"at most {figures['high']:,}"
    return f"{figures['expected']:,} ({figures['low']:,} to {figures['high']:,})"


def _cost(cost: Mapping[str, str] | None) -> str:
    if cost is None:
        return "cost: no price known"
    if float(cost["high"]) == 0:
        return "cost: nothing"
    figures = {name: f"{float(value):.4f}" for name, value in cost.items()}
    if figures["low"] != figures["expected"] == figures["high"]:
        return f"cost: at most {figures['high']}"
    return f"cost: {figures['expected']} ({figures['low']} to {figures['high']})"


def _time(estimate: Mapping[str, Any]) -> str:
    if estimate["seconds"] is None:
        return "time: not known before this endpoint has answered some such questions"
    how = LIMITED_BY[estimate["limited_by"]].format(at_once=estimate["at_once"])
    where = f" of {estimate['limited_at']}" if len(estimate["endpoints"]) > 1 else ""
    return f"time: about {lasting(estimate['seconds']['expected'])} ({how}{where})"


def _whose(budget: Mapping[str, Any], estimate: Mapping[str, Any]) -> str:
    """An endpoint by its name beside its id, which `manage.py budget` wants."""
    names = {f"endpoint:{part['id']}": f" ({part['endpoint']})" for part in estimate["endpoints"]}
    return f"budget {budget['scope']}{names.get(budget['scope'], '')}"


def _enough(budget: Mapping[str, Any]) -> str:
    if budget["suffices"] == "yes" and budget["calls_left"] is None and budget["cost_left"] is None:
        return "no limit"
    return f"{_left(budget)}; {SUFFICES[budget['suffices']]}"


def _left(budget: Mapping[str, Any]) -> str:
    calls, cost = budget["calls_left"], budget["cost_left"]
    parts = [] if calls is None else [f"{calls:,} calls"]
    parts += [] if cost is None else [f"{float(cost):.4f}"]
    return f"{' and '.join(parts) or 'any number of calls'} left"
