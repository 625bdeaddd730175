"""The history strategy: what was said in past conversations, as it was said."""

from pydantic import Field

from generation.knowledge import Knowledge
from generation.strategies.one_question import HISTORY as PROMPT_FILE
from generation.strategies.one_question import respond_with_turns
from generation.strategies.strategy import Case, Given, Need, Parameters, Strategy
from generation.transcripts import that_fit


class HistoryParameters(Parameters):
    """How much is given."""

    tokens: int = Field(default=2_000, ge=1, le=1_000_000)
    """Four characters each, as in the ledger."""


def past_turns(case: Case, known: Knowledge) -> Given | None:
    """Whole turns, the newest conversation first, as many as fit; None if none was shared."""
    conversations = known.conversations(case.person)
    turns = that_fit(conversations, case.parameters.tokens)
    return Given(turns=turns) if turns else None


HISTORY = Strategy(
    name="history",
    prompt_files=(PROMPT_FILE,),
    given=past_turns,
    ask=respond_with_turns,
    needs=frozenset({Need.PERSON, Need.TURNS}),
    parameters=HistoryParameters,
)
