"""Stage 1: one row per attribute (or conversation asked for what is missing)."""

from collections.abc import Mapping, Sequence
from uuid import UUID

from annotation.choices import Stage
from releases.columns import TEXT
from releases.tables.aligned import aligned_table
from releases.tables.items import ItemFacts
from releases.tables.lineage import ATTRIBUTE_FIELDS, attribute_rows, present
from releases.tables.table import Row, Source

NO_ATTRIBUTE: Row = {name: None for name, _kind in ATTRIBUTE_FIELDS}


def describe(source: Source, items: Sequence[ItemFacts]) -> Mapping[UUID, Row]:
    """The attribute, where it was said and who wrote it down."""
    attributes = attribute_rows(present([item.attribute_id for item in items]), source.people)
    return {
        item.id: {
            "conversation": item.conversation,
            **(attributes[item.attribute_id] if item.attribute_id else NO_ATTRIBUTE),
        }
        for item in items
    }


TABLE = aligned_table(
    name="attributes",
    title="What a person is like: one row per attribute judged, with its evidence.",
    stage=Stage.EXTRACTION,
    fields=[("conversation", TEXT), *ATTRIBUTE_FIELDS],
    describe=describe,
)
