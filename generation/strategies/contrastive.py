"""The contrastive strategy: a generic and a personal draft, compared, and then the answer.

The drafts stay in the ledger; the response names their calls.
"""

from dataclasses import replace

from generation.interview import Interview
from generation.strategies.all_attributes import everything_known
from generation.strategies.one_question import GENERIC, NOTES, notes_of, respond, respond_with_notes
from generation.strategies.strategy import Case, Given, Need, Strategy, Written

PROMPT_FILE = "response-contrast"


def ask(case: Case, given: Given, interview: Interview) -> Written:
    """Three questions, the first two as the generic and the all-attributes strategy ask them."""
    generic = respond(case, given, interview, GENERIC)
    personal = respond_with_notes(case, given, interview)
    drafts = {"notes": notes_of(given), "generic": generic.text, "personal": personal.text}
    written = respond(case, given, interview, PROMPT_FILE, {"drafts": drafts})
    calls = {"generic": str(generic.answer.call_id), "personal": str(personal.answer.call_id)}
    return replace(written, steps={"drafts": calls})


CONTRASTIVE = Strategy(
    name="contrastive",
    prompt_files=(GENERIC, NOTES, PROMPT_FILE),
    given=everything_known,
    ask=ask,
    needs=frozenset({Need.PERSON, Need.ATTRIBUTES}),
)
