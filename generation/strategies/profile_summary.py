"""The profile-summary strategy: the person summed up by the model that answers.

The summary is written once per person, model and content, and given to the answers to all prompts.
What it was made from counts as given too: who asks to forget an attribute means this as well.
"""

from typing import Literal

from pydantic import Field

from generation.interview import Interview
from generation.knowledge import Knowledge
from generation.profiles import PROMPT_FILE as SUMMARY
from generation.profiles import Portrait
from generation.strategies.all_attributes import everything_known
from generation.strategies.history import past_turns
from generation.strategies.one_question import respond
from generation.strategies.strategy import Case, Given, Need, Parameters, Strategy, Written

PROMPT_FILE = "response-summary"


class SummaryParameters(Parameters):
    """What is summed up."""

    of: Literal["attributes", "turns"] = "attributes"
    tokens: int = Field(default=8_000, ge=1, le=1_000_000)
    """Of past turns, at most."""

    def needs(self) -> frozenset[Need]:
        """Something to sum up."""
        return frozenset({Need.ATTRIBUTES if self.of == "attributes" else Need.TURNS})


def to_sum_up(case: Case, known: Knowledge) -> Given | None:
    """All attributes, or as many past turns as fit."""
    find = everything_known if case.parameters.of == "attributes" else past_turns
    return find(case, known)


def ask(case: Case, given: Given, interview: Interview) -> Written:
    """One question, with a summary that a job of its own asked for."""
    if case.person is None:
        raise ValueError("Only a person can be summed up.")
    portrait = Portrait(case.person, given.attributes, given.turns)
    profile = interview.profile(case.endpoint, portrait)
    material = {"summary": profile.text}
    return respond(case, given, interview, PROMPT_FILE, material, profile=profile)


PROFILE_SUMMARY = Strategy(
    name="profile_summary",
    prompt_files=(SUMMARY, PROMPT_FILE),
    given=to_sum_up,
    ask=ask,
    needs=frozenset({Need.PERSON}),
    parameters=SummaryParameters,
)
