"""The all-attributes strategy: every statement about the person that stands."""

from generation.knowledge import Knowledge
from generation.strategies.one_question import NOTES, respond_with_notes
from generation.strategies.strategy import Case, Given, Need, Strategy


def everything_known(case: Case, known: Knowledge) -> Given | None:
    """All that may be remembered and was not replaced; None if nothing is known."""
    attributes = known.attributes(case.person)
    return Given(attributes=attributes) if attributes else None


ALL_ATTRIBUTES = Strategy(
    name="all_attributes",
    prompt_files=(NOTES,),
    given=everything_known,
    ask=respond_with_notes,
    needs=frozenset({Need.PERSON, Need.ATTRIBUTES}),
)
