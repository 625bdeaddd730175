"""The retrieved strategies: the few attributes, or the few turns, nearest to the request.

Arms by how they are found: `bm25` compares words, `embeddings` what an endpoint's vectors say, and
`hybrid` joins both rankings. `retrieved` looks among the person's attributes, `retrieved_turns`
among what they said in past conversations.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from typing import ClassVar

from pydantic import Field

from collection.models import Turn
from generation.interview import Interview
from generation.knowledge import Knowledge
from generation.ranking import best_by, bm25, cosines, fused
from generation.responses import wanted
from generation.strategies.one_question import (
    HISTORY,
    NOTES,
    respond_with_notes,
    respond_with_turns,
)
from generation.strategies.strategy import Ask, Case, Given, Need, Parameters, Strategy, Written

ATTRIBUTES = "retrieved"
TURNS = "retrieved_turns"
EMBEDDED_ARMS = ("embeddings", "hybrid")
POOL_OF_TURNS = 200
"""The person's newest turns, among which is looked."""
LONGEST_EMBEDDED = 8_000
"""Characters of a text that are embedded: about what models take at least."""

Pool = Callable[[Case, Knowledge], Given]


class RetrievedParameters(Parameters):
    """How many are found, and whose vectors are compared."""

    k: int = Field(default=5, ge=1, le=1_000)
    embeddings: str = Field(default="", max_length=60)


class EmbeddedParameters(RetrievedParameters):
    """The same for arms that compare vectors."""

    embeds: ClassVar[bool] = True

    def needs(self) -> frozenset[Need]:
        """An endpoint, unless one is named."""
        return frozenset() if self.embeddings else frozenset({Need.EMBEDDINGS})

    def endpoints(self) -> tuple[str, ...]:
        """The one that gives the vectors."""
        return (self.embeddings,) if self.embeddings else ()


def attributes_known(case: Case, known: Knowledge) -> Given:
    """The attributes among which is looked."""
    return Given(attributes=known.attributes(case.person))


def turns_said(case: Case, known: Knowledge) -> Given:
    """The turns among which is looked: the person's own words."""
    own = [
        turn
        for turns in known.conversations(case.person)
        for turn in reversed(turns)
        if turn.role == Turn.Role.USER
    ]
    return Given(turns=own[:POOL_OF_TURNS])


def found_by_words(case: Case, known: Knowledge, *, pool: Pool) -> Given | None:
    """The best by BM25, found when the job is planned; None if there is nothing to look among."""
    given = pool(case, known)
    texts = _texts(given)
    if not texts:
        return None
    scores = bm25(wanted(case.prompt), texts)
    best = [place for place in best_by(scores)[: case.parameters.k] if scores[place] > 0]
    return _only(given, best)


def whole_pool(case: Case, known: Knowledge, *, pool: Pool) -> Given | None:
    """All there is: vectors are asked for by the job itself. None if there is nothing."""
    given = pool(case, known)
    can_look = case.others and wanted(case.prompt).strip()
    return given if _texts(given) and can_look else None


def ask_by_vectors(
    case: Case, given: Given, interview: Interview, *, arm: str, respond: Ask
) -> Written:
    """Have the texts embedded, give the best, and ask."""
    texts = _texts(given)
    query = wanted(case.prompt)
    endpoint = case.others[case.parameters.embeddings]
    # Two questions: the pool's is the same for every prompt of the person, and is asked once.
    pool = [text[:LONGEST_EMBEDDED] for text in texts]
    vectors = interview.embed(endpoint, pool, alike=("attributes", "turns"))
    (asked,) = interview.embed(endpoint, [query[-LONGEST_EMBEDDED:]], alike=("prompt",))
    order = best_by(cosines(asked, vectors))
    if arm == "hybrid":
        scores = bm25(query, texts)
        order = fused([order, [place for place in best_by(scores) if scores[place] > 0]])
    written = respond(case, _only(given, order[: case.parameters.k]), interview)
    return replace(written, steps={"among": len(texts), "embedded_by": endpoint.model})


def _texts(given: Given) -> list[str]:
    return [row.text for row in given.attributes] + [turn.content for turn in given.turns]


def _only(given: Given, places: Sequence[int]) -> Given:
    """The rows at these places, in this order."""
    if given.turns:
        return Given(turns=[given.turns[place] for place in places])
    return Given(attributes=[given.attributes[place] for place in places])


def _arms(name: str, prompt_file: str, pool: Pool, respond: Ask, need: Need) -> list[Strategy]:
    needs = frozenset({Need.PERSON, need})
    by_words = Strategy(
        name=f"{name}:bm25",
        prompt_files=(prompt_file,),
        given=partial(found_by_words, pool=pool),
        ask=respond,
        needs=needs,
        parameters=RetrievedParameters,
    )
    by_vectors = [
        Strategy(
            name=f"{name}:{arm}",
            prompt_files=(prompt_file,),
            given=partial(whole_pool, pool=pool),
            ask=partial(ask_by_vectors, arm=arm, respond=respond),
            needs=needs,
            parameters=EmbeddedParameters,
        )
        for arm in EMBEDDED_ARMS
    ]
    return [by_words, *by_vectors]


ATTRIBUTE_ARMS = _arms(ATTRIBUTES, NOTES, attributes_known, respond_with_notes, Need.ATTRIBUTES)
TURN_ARMS = _arms(TURNS, HISTORY, turns_said, respond_with_turns, Need.TURNS)
