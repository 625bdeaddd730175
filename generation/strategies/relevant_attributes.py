"""The relevant-attributes strategy: those selected for the prompt, by whose selection is its arm.

`relevant_attributes:owner` gives what the person selected, `:peers` what other people did, `:llm`
what the answering model did at the relevance stage.
"""

from functools import partial
from uuid import UUID

from generation.models import Attribute, Prompt, Selection
from generation.provenance import author_of
from generation.strategies.strategy import Strategy

NAME = "relevant_attributes"
ARMS = ("owner", "peers", "llm")


def selected(
    prompt: Prompt, participant: UUID | None, model: str, *, arm: str
) -> list[Attribute] | None:
    """The attributes selected for the prompt, in the order of their refs.

    None as long as this source has decided nothing; an empty list if it found none relevant.
    """
    source = author_of(model) if arm == "llm" else arm
    decided = Selection.objects.filter(
        prompt=prompt,
        source=source,
        attribute__participant=participant,
        attribute__forgotten_at__isnull=True,
    )
    rows = list(decided.select_related("attribute").order_by("attribute__ref"))
    return [row.attribute for row in rows if row.value] if rows else None


ALL_ARMS = [
    Strategy(f"{NAME}:{arm}", "response-relevant", partial(selected, arm=arm), needs_person=True)
    for arm in ARMS
]
