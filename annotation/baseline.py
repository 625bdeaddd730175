"""The baseline that judges: a number between 0 and 1 from shared words, read off every scale.

Stage 1 asks how much of the statement stands in the words quoted for it (or in all the person
said), stage 2 how much statement and request share, stage 3 how many words a response adds to
the request. It understands nothing and never varies; every row names it.
"""

from collections.abc import Mapping
from typing import Any

from annotation.rubrics.answers import ITEM, Targets
from annotation.rubrics.document import Option, Question, parse_rubric
from generation.words import content_words, coverage, overlap

EQUAL = 0.05
"""Responses whose strengths differ by less are called about equal."""
RICH = 60
"""Added words at which a response counts as saying all that could be said."""

REASON = "By the words that are shared."

Fact = Mapping[str, Any]


def solve(inputs: Mapping[str, Any]) -> dict[str, Any]:
    """An answer to a judge's question: every question of every item, in shown terms."""
    entries = {fact["id"]: _entry(inputs, fact) for fact in inputs["items"]}
    answer = {"items": {short: entry for short, entry in entries.items() if entry}}
    if not inputs.get("reasoning"):
        return answer
    return {"reasoning": dict.fromkeys(answer["items"], REASON), **answer}


def _entry(inputs: Mapping[str, Any], fact: Fact) -> dict[str, Any]:
    rubric = parse_rubric(inputs["rubrics"][fact["id"]])
    entry: dict[str, Any] = {}
    for question in rubric.questions:
        places = _targets(fact).places(question)
        if not question.is_asked_of("llm") or not places:
            continue
        answers = {
            place: _answer(question, _strengths(inputs, fact, place), entry, place)
            for place in places
        }
        entry[question.key] = answers[ITEM] if question.per == "item" else answers
    return entry


def _targets(fact: Fact) -> Targets:
    return Targets(
        responses=tuple(row["id"] for row in fact.get("responses", [])),
        attributes=tuple(row["id"] for row in fact.get("attributes", [])),
    )


# -- How strong -----------------------------------------------------------------


def _strengths(inputs: Mapping[str, Any], fact: Fact, place: str) -> list[float]:
    """The strength at a place; for a whole pair of responses, that of each."""
    responses = {row["id"]: row["text"] for row in fact.get("responses", [])}
    if not responses:
        return [_of_statement(inputs, fact)]
    request = inputs["context"]["prompt"]["text"]
    if place in responses:
        return [_of_response(request, responses[place])]
    notes = {row["id"]: row["text"] for row in fact.get("attributes", [])}
    if place in notes:
        return [max(overlap(notes[place], text) for text in responses.values())]
    return [_of_response(request, text) for text in responses.values()]


def _of_statement(inputs: Mapping[str, Any], fact: Fact) -> float:
    statement = fact.get("attribute", "")
    context = inputs["context"]
    if "prompt" in context:
        return overlap(statement, context["prompt"]["text"])
    turns = context.get("conversation", {}).get("turns", [])
    quoted = _quoted(turns, fact)
    said = " ".join(turn["content"] for turn in turns if turn["role"] == "user")
    return coverage(statement, quoted or said)


def _quoted(turns: list[dict[str, Any]], fact: Fact) -> str:
    contents = {turn["position"]: turn["content"] for turn in turns}
    spans = fact.get("evidence", [])
    return " ".join(contents.get(span["turn"], "")[span["start"] : span["end"]] for span in spans)


def _of_response(request: str, text: str) -> float:
    """How many words it adds to the request's own; a blank answer is worth nothing."""
    added = set(content_words(text)) - set(content_words(request))
    return min(len(added) / RICH, 1.0)


# -- Read off a scale -------------------------------------------------------------


def _answer(
    question: Question, strengths: list[float], entry: Mapping[str, Any], place: str
) -> Any:
    if not _applies(question, entry, place):
        return None
    strength = sum(strengths) / len(strengths)
    if question.kind == "boolean":
        return strength >= 0.5
    if question.kind == "slider":
        return _on_grid(question, strength)
    if question.kind == "pairwise":
        return _compared(question, strengths)
    if question.kind in ("choice", "ordinal"):
        return _option(question, strength).value
    if not question.required:
        return None
    return {"text": "—", "list": [], "spans": [[0, 1]]}[question.kind]


def _applies(question: Question, entry: Mapping[str, Any], place: str) -> bool:
    for key, wanted in question.asked_if.items():
        answer = entry.get(key)
        given = answer.get(place) if isinstance(answer, Mapping) else answer
        if given not in wanted:
            return False
    return True


def _on_grid(question: Question, strength: float) -> float:
    low, high, step = question.min or 0.0, question.max or 0.0, question.step or 1.0
    steps = round(strength * (high - low) / step)
    return round(low + steps * step, 10)


def _option(question: Question, strength: float) -> Option:
    """The option at that height of the scale; of things without an order, the first."""
    options = question.on_scale
    if question.kind == "choice":
        return options[0]
    rising = options if _rises(question) else options[::-1]
    return rising[min(int(strength * len(rising)), len(rising) - 1)]


def _rises(question: Question) -> bool:
    """Do the options go from less to more? Those that count as yes tell; else they do."""
    positive = [place for place, option in enumerate(question.on_scale) if option.positive]
    return not positive or sum(positive) / len(positive) >= (len(question.on_scale) - 1) / 2


def _compared(question: Question, strengths: list[float]) -> str:
    """The option for the stronger side, as strong as the difference; else one for neither."""
    first, second = strengths[0], strengths[-1]
    side = "none" if abs(first - second) < EQUAL else "first" if first > second else "second"
    options = [option for option in question.on_scale if option.favours == side]
    if not options:
        options = [option for option in question.on_scale if option.favours == "first"]
    ranked = sorted(options, key=lambda option: option.strength or 1)
    return ranked[min(int(abs(first - second) * len(ranked)), len(ranked) - 1)].value
