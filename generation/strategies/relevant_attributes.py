"""The relevant-attributes strategy: those selected for the prompt, by whose selection is its arm.

`relevant_attributes:owner` gives what the person selected, `:peers` what most of the other people
did, `:llm` what the answering model did at the relevance stage.
"""

from functools import partial

from generation.knowledge import Knowledge
from generation.provenance import author_of
from generation.strategies.one_question import NOTES, respond_with_notes
from generation.strategies.strategy import Case, Given, Need, Strategy

NAME = "relevant_attributes"
ARMS = ("owner", "peers", "llm")


def selected(case: Case, known: Knowledge, *, arm: str) -> Given | None:
    """The attributes selected for the prompt, in the order of their refs.

    None as long as this source has decided nothing; nothing given if it found none relevant.
    """
    source = author_of(case.endpoint.model) if arm == "llm" else arm
    decided = known.decisions(case.person, case.prompt.pk, source)
    if not decided:
        return None
    return Given(attributes=[row for row in known.attributes(case.person) if decided.get(row.pk)])


ALL_ARMS = [
    Strategy(
        name=f"{NAME}:{arm}",
        prompt_files=(NOTES,),
        given=partial(selected, arm=arm),
        ask=respond_with_notes,
        needs=frozenset({Need.PERSON, Need.SELECTIONS}),
    )
    for arm in ARMS
]
