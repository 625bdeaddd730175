"""The ensemble strategy: answers of several policies, ranked by what the person said to prefer.

Each policy is an endpoint with a weight. Which of them is sampled how often follows from the
weights by systematic sampling (Kish, "Survey Sampling", 1965, 4.1), begun at a place that the
prompt decides: every count is the expected one, rounded up or down. The answering endpoint then
scores all candidates in one question, under names in random order that tell nothing.
"""

import random
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from generation import prompt_files
from generation.injections import flags_in
from generation.interview import Interview
from generation.knowledge import Knowledge
from generation.models import Attribute
from generation.responses import question_for, turns_before
from generation.strategies.one_question import GENERIC, notes_of
from generation.strategies.strategy import Case, Given, Need, Parameters, Strategy, Written
from llm.errors import Refused
from llm.exchange import Answer
from llm.exchange import Prompt as Question

RANKING = "ranking"
"""The task of the question that ranks."""
PROMPT_FILE = "response-ranking"
MOST = 100


class Policy(BaseModel):
    """One of the models that are sampled."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    endpoint: str = Field(min_length=1, max_length=60)
    weight: float = Field(default=1, gt=0, le=1_000_000)


class EnsembleParameters(Parameters):
    """Which policies are sampled, how often altogether, and how freely."""

    policies: list[Policy] = Field(min_length=1, max_length=50)
    samples: int = Field(default=4, ge=1, le=50)
    temperature: float | None = Field(default=1, ge=0, le=2)

    def endpoints(self) -> tuple[str, ...]:
        """Those of the policies."""
        return tuple(dict.fromkeys(policy.endpoint for policy in self.policies))


@dataclass(frozen=True)
class Candidate:
    """One sampled answer."""

    policy: Policy
    question: Question
    answer: Answer


def stated_preferences(case: Case, known: Knowledge) -> Given | None:
    """The person's preferences; None if none is known: there is nothing to rank by."""
    found = [row for row in known.attributes(case.person) if row.type == Attribute.Type.PREFERENCE]
    return Given(attributes=found) if found else None


def ask(case: Case, given: Given, interview: Interview) -> Written:
    """A question per sample, and one that ranks them."""
    candidates = _sampled(case, interview)
    ranked = interview.ask(
        case.endpoint, ranking_question(case, given, candidates), schema(len(candidates))
    )
    scores = [ranked.value["scores"][name] for name in _names(len(candidates))]
    best = max(range(len(candidates)), key=lambda place: scores[place])  # the first of equals
    chosen = candidates[best]
    return Written(
        text=chosen.answer.text,
        endpoint=case.others[chosen.policy.endpoint],
        question=chosen.question,
        answer=chosen.answer,
        given=given,
        steps={
            "ranking": str(ranked.call_id),
            "candidates": [
                _step(candidate, scores[place], is_chosen=place == best)
                for place, candidate in enumerate(candidates)
            ],
        },
    )


def _step(candidate: Candidate, score: int, *, is_chosen: bool) -> dict[str, Any]:
    return {
        "endpoint": candidate.policy.endpoint,
        "weight": candidate.policy.weight,
        "call": str(candidate.answer.call_id),
        "seed": candidate.question.seed,
        "score": score,
        "chosen": is_chosen,
    }


# -- Sampling ------------------------------------------------------------------


def _sampled(case: Case, interview: Interview) -> list[Candidate]:
    """The answers in random order; a policy that refuses has none. Raises `Refused` if all do."""
    chance = random.Random(f"{case.prompt.pk} {case.person}")
    drawn = draw(case.parameters.policies, case.parameters.samples, chance.random())
    chance.shuffle(drawn)
    found: list[Candidate] = []
    refusal: Refused | None = None
    for number, policy in enumerate(drawn):
        try:
            found.append(_sample(case, policy, number, interview))
        except Refused as refused:
            refusal = refused
    if refusal is not None and not found:
        raise refusal
    return found


def _sample(case: Case, policy: Policy, number: int, interview: Interview) -> Candidate:
    temperature = case.parameters.temperature
    question = question_for(case.prompt, GENERIC, number=number, temperature=temperature)
    return Candidate(policy, question, interview.ask(case.others[policy.endpoint], question))


def draw(policies: Sequence[Policy], count: int, start: float) -> list[Policy]:
    """So many of the policies by their weights; `start` from 0 to 1 is where it begins."""
    ends = list(accumulate(policy.weight for policy in policies))
    marks = [(start + number) / count * ends[-1] for number in range(count)]
    places = [sum(end <= mark for end in ends) for mark in marks]
    return [policies[min(place, len(policies) - 1)] for place in places]


# -- Ranking -------------------------------------------------------------------


def ranking_question(case: Case, given: Given, candidates: Sequence[Candidate]) -> Question:
    """Which of the answers fits the person's preferences how well."""
    file = prompt_files.load(PROMPT_FILE)
    named = zip(_names(len(candidates)), candidates, strict=True)
    facts = {
        "before": turns_before(case.prompt),
        "request": case.prompt.text,
        "preferences": notes_of(given),
        "answers": {name: candidate.answer.text for name, candidate in named},
    }
    return Question(
        task=RANKING,
        messages=prompt_files.messages(file.render(), facts),
        inputs=facts,
        version=file.version,
        temperature=0,
        flags=flags_in(facts),
    )


def schema(count: int) -> dict[str, Any]:
    """The JSON schema of scores for so many answers: each of them, and no other."""
    names = _names(count)
    score = {"type": "integer", "minimum": 0, "maximum": MOST}
    scores = {
        "type": "object",
        "properties": dict.fromkeys(names, score),
        "required": names,
        "additionalProperties": False,
    }
    return {
        "type": "object",
        "properties": {"scores": scores},
        "required": ["scores"],
        "additionalProperties": False,
    }


def _names(count: int) -> list[str]:
    return [f"c{number}" for number in range(1, count + 1)]


ENSEMBLE = Strategy(
    name="ensemble",
    prompt_files=(GENERIC, PROMPT_FILE),
    given=stated_preferences,
    ask=ask,
    needs=frozenset({Need.PERSON, Need.PREFERENCES}),
    parameters=EnsembleParameters,
)
