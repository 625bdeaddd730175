"""Asking for a response in one question: what most strategies do."""

from collections.abc import Mapping
from typing import Any

from generation.interview import Interview
from generation.models import Profile
from generation.responses import question_for
from generation.strategies.strategy import Case, Given, Written
from generation.transcripts import transcript
from llm.models import Endpoint

GENERIC = "response-generic"
NOTES = "response-notes"
HISTORY = "response-history"


def respond(
    case: Case,
    given: Given,
    interview: Interview,
    prompt_file: str,
    material: Mapping[str, Any] | None = None,
    *,
    endpoint: Endpoint | None = None,
    profile: Profile | None = None,
) -> Written:
    """The answer of the case's endpoint, or of another, to the prompt with this material."""
    asked = endpoint or case.endpoint
    question = question_for(case.prompt, prompt_file, material)
    answer = interview.ask(asked, question)
    return Written(answer.text, asked, question, answer, given, profile)


def respond_with_notes(case: Case, given: Given, interview: Interview) -> Written:
    """The same with the attributes given as notes."""
    return respond(case, given, interview, NOTES, {"notes": notes_of(given)})


def respond_with_turns(case: Case, given: Given, interview: Interview) -> Written:
    """The same with the turns given as past conversations."""
    return respond(case, given, interview, HISTORY, {"turns": transcript(given.turns)})


def notes_of(given: Given) -> list[str]:
    """The texts of the attributes given."""
    return [attribute.text for attribute in given.attributes]
