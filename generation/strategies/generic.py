"""The generic strategy: the prompt alone, with nothing known about the person."""

from generation.interview import Interview
from generation.knowledge import Knowledge
from generation.strategies.one_question import GENERIC as PROMPT_FILE
from generation.strategies.one_question import respond
from generation.strategies.strategy import Case, Given, Strategy, Written


def nothing(case: Case, known: Knowledge) -> Given:
    """No attribute and no turn, whoever asks."""
    return Given()


def ask(case: Case, given: Given, interview: Interview) -> Written:
    """One question."""
    return respond(case, given, interview, PROMPT_FILE)


GENERIC = Strategy("generic", (PROMPT_FILE,), nothing, ask)
