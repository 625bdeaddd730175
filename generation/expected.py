"""What each endpoint is expected to be asked by a run, from a sample of its rendered questions.

Tokens are estimated from characters, as the ledger does where a server reports none; answers are
as long as the ledger knows them to be of questions of their kind.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from math import sqrt
from uuid import UUID

from generation.posed import Posed
from generation.ranges import CONFIDENCE, NOTHING, Range, sum_of, total
from llm.exchange import Prompt
from llm.ledger import CHARACTERS_PER_TOKEN
from llm.models import Endpoint
from llm.queries import Experience, experience

ENOUGH_CALLS = 20
"""From so many answers on the ledger is believed."""
ASSUMED_TOKENS = 500
"""Of an answer, where neither the ledger nor the endpoint says anything."""
ASSUMED_FACTOR = 3
"""How many times more or fewer such an answer may have."""
CERTAINTY = ("assumption", "limit", "ledger", "rules", "nothing")
"""How the length of answers may be known, the least certain first."""


@dataclass(frozen=True)
class Answers:
    """How long an answer is, and how that is known: one of `CERTAINTY`."""

    tokens: Range
    known_from: str


NO_ANSWERS = Answers(NOTHING, "nothing")


@dataclass(frozen=True)
class Portion:
    """The questions of one task to one endpoint, and what the ledger knows of such."""

    calls: Range
    sent: Range
    answers: Answers
    known: Experience

    @property
    def received(self) -> Range:
        """Tokens of all answers."""
        return self.answers.tokens.times(self.calls.low, self.calls.expected, self.calls.high)


@dataclass(frozen=True)
class Load:
    """All that one endpoint is expected to be asked."""

    endpoint: Endpoint
    portions: Sequence[Portion]

    @property
    def calls(self) -> Range:
        """Questions; the most allows for repeated ones."""
        return sum_of(portion.calls for portion in self.portions)

    @property
    def sent(self) -> Range:
        """Tokens of the questions."""
        return sum_of(portion.sent for portion in self.portions)

    @property
    def received(self) -> Range:
        """Tokens of the answers."""
        return sum_of(portion.received for portion in self.portions)

    @property
    def cost(self) -> dict[str, Decimal] | None:
        """At the endpoint's own prices, by the ends of a range; None where none is known."""
        if self.endpoint.is_baseline:
            return dict.fromkeys(("low", "expected", "high"), Decimal(0))
        received, found = self.received.as_numbers(), {}
        for name, sent in self.sent.as_numbers().items():
            cost = self.endpoint.cost_of(sent, received[name])
            if cost is None:
                return None
            found[name] = cost
        return found

    @property
    def seconds(self) -> tuple[float, float] | None:
        """Of waiting for its answers one after the other, expected and most; None if unknown."""
        if any(portion.known.calls < ENOUGH_CALLS for portion in self.portions):
            return None
        return (
            sum(portion.calls.expected * portion.known.seconds for portion in self.portions),
            sum(portion.calls.high * portion.known.seconds for portion in self.portions),
        )


def loads_of(own: Endpoint, asked: Sequence[Sequence[Posed]], jobs: int) -> list[Load]:
    """What so many jobs ask of each endpoint, their own first; `asked` is a sample, job by job."""
    endpoints: dict[UUID, Endpoint] = {own.pk: own}
    tasks: dict[UUID, dict[str, None]] = {own.pk: {}}
    for posed in (posed for of_job in asked for posed in of_job):
        endpoint = posed.endpoint or own
        endpoints.setdefault(endpoint.pk, endpoint)
        tasks.setdefault(endpoint.pk, {})[posed.question.task] = None
    return [
        Load(endpoint, [_portion(endpoint, _of(asked, own, pk, task), jobs) for task in tasks[pk]])
        for pk, endpoint in endpoints.items()
    ]


def _of(
    asked: Sequence[Sequence[Posed]], own: Endpoint, endpoint: UUID, task: str
) -> list[list[Posed]]:
    """The questions of one task to one endpoint, job by job."""
    return [
        [
            posed
            for posed in of_job
            if (posed.endpoint or own).pk == endpoint and posed.question.task == task
        ]
        for of_job in asked
    ]


def _portion(endpoint: Endpoint, asked: Sequence[Sequence[Posed]], jobs: int) -> Portion:
    first = next(of_job[0].question for of_job in asked if of_job)
    known = experience(endpoint, first.task)
    again = 1 + known.repeats
    sent = total([_tokens_of(of_job) for of_job in asked], jobs)
    return Portion(
        calls=total([float(len(of_job)) for of_job in asked], jobs).times(1, 1, again),
        sent=NOTHING if endpoint.is_baseline else sent.times(1, 1, again),
        answers=_answers(endpoint, first, known),
        known=known,
    )


def _tokens_of(asked: Sequence[Posed]) -> float:
    return sum(posed.length for posed in asked) / CHARACTERS_PER_TOKEN


def _answers(endpoint: Endpoint, prompt: Prompt, known: Experience) -> Answers:
    if endpoint.is_baseline:
        return Answers(NOTHING, "rules")
    if endpoint.protocol == Endpoint.Protocol.EMBEDDINGS:
        return NO_ANSWERS
    if known.calls >= ENOUGH_CALLS:
        error = CONFIDENCE * known.deviation / sqrt(known.calls)
        mean = known.completion_tokens
        return Answers(Range(max(mean - error, 0.0), mean, mean + error), "ledger")
    if limit := prompt.max_tokens or endpoint.max_output_tokens:
        return Answers(Range(0, limit, limit), "limit")
    low, high = ASSUMED_TOKENS / ASSUMED_FACTOR, ASSUMED_TOKENS * ASSUMED_FACTOR
    return Answers(Range(low, ASSUMED_TOKENS, high), "assumption")


def least_certain(loads: Iterable[Load]) -> Answers:
    """Of all answers those of whose length the least is known; the longest among equals."""
    found = [portion.answers for load in loads for portion in load.portions]
    return min(
        found,
        key=lambda one: (CERTAINTY.index(one.known_from), -one.tokens.expected),
        default=NO_ANSWERS,
    )


def repeats_of(loads: Iterable[Load]) -> float:
    """The share of questions that are asked again."""
    portions = [portion for load in loads for portion in load.portions]
    calls = sum(portion.calls.expected for portion in portions)
    again = sum(portion.calls.expected * portion.known.repeats for portion in portions)
    return again / calls if calls else 0.0


def cost_of(loads: Iterable[Load]) -> dict[str, Decimal] | None:
    """Of all that is asked, each at its endpoint's prices; None where one has none."""
    costs = [load.cost for load in loads if load.portions]
    found: dict[str, Decimal] = {}
    for cost in costs or [dict.fromkeys(("low", "expected", "high"), Decimal(0))]:
        if cost is None:
            return None
        found = {name: found.get(name, Decimal(0)) + value for name, value in cost.items()}
    return found
