"""Stage 3: one row per pair of responses, or per response judged alone."""

from collections.abc import Mapping, Sequence
from uuid import UUID

from annotation.choices import Stage
from releases.tables.aligned import aligned_table
from releases.tables.answers import SIDES
from releases.tables.items import ItemFacts
from releases.tables.lineage import (
    PROMPT_FIELDS,
    RESPONSE_FIELDS,
    present,
    prompt_rows,
    response_rows,
)
from releases.tables.table import Row, Source

NO_RESPONSE: Row = {name: None for name, _kind in RESPONSE_FIELDS}


def describe(source: Source, items: Sequence[ItemFacts]) -> Mapping[UUID, Row]:
    """The request and its responses, with what their generator was given."""
    prompts = prompt_rows(present([item.prompt_id for item in items]), source.people)
    ids = [response for item in items for response in (item.first_id, item.second_id)]
    responses = response_rows(present(ids), source.people)
    rows: dict[UUID, Row] = {}
    for item in items:
        assert item.prompt_id  # by constraint
        rows[item.id] = dict(prompts[item.prompt_id])
        for side, response in zip(SIDES, (item.first_id, item.second_id), strict=True):
            columns = responses[response] if response else NO_RESPONSE
            rows[item.id] |= {f"{side}{name}": value for name, value in columns.items()}
    return rows


TABLE = aligned_table(
    name="responses",
    title="Does using it help: one row per pair of responses judged, or per single response.",
    stage=Stage.RESPONSE,
    fields=[
        *PROMPT_FIELDS,
        *((f"{side}{name}", kind) for side in SIDES for name, kind in RESPONSE_FIELDS),
    ],
    describe=describe,
)
