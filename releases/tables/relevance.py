"""Stage 2: one row per attribute and prompt."""

from collections.abc import Mapping, Sequence
from uuid import UUID

from annotation.choices import Stage
from releases.tables.aligned import aligned_table
from releases.tables.items import ItemFacts
from releases.tables.lineage import (
    ATTRIBUTE_FIELDS,
    PROMPT_FIELDS,
    SELECTIONS,
    attribute_rows,
    present,
    prompt_rows,
    selections_of,
)
from releases.tables.table import Row, Source


def describe(source: Source, items: Sequence[ItemFacts]) -> Mapping[UUID, Row]:
    """The request, the attribute, and by whom it was chosen for the request."""
    attribute_ids = present([item.attribute_id for item in items])
    prompt_ids = present([item.prompt_id for item in items])
    attributes = attribute_rows(attribute_ids, source.people)
    prompts = prompt_rows(prompt_ids, source.people)
    chosen = selections_of(prompt_ids, attribute_ids, source.people)
    rows: dict[UUID, Row] = {}
    for item in items:
        # A constraint makes every item of this stage have both.
        assert item.prompt_id
        assert item.attribute_id
        rows[item.id] = {
            **prompts[item.prompt_id],
            **attributes[item.attribute_id],
            "selections": chosen.get((item.prompt_id, item.attribute_id), []),
        }
    return rows


TABLE = aligned_table(
    name="relevance",
    title="What matters now: one row per attribute and prompt judged.",
    stage=Stage.RELEVANCE,
    fields=[*PROMPT_FIELDS, *ATTRIBUTE_FIELDS, ("selections", SELECTIONS)],
    describe=describe,
)
