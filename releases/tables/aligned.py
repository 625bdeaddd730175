"""What the three aligned tables share: one row per item, its answers side by side."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from uuid import UUID

from releases.columns import BOOLEAN, TEXT, Column, Schema, schema_of
from releases.tables.answers import answer_columns, answer_fields, answers_of
from releases.tables.items import ItemFacts, item_pages
from releases.tables.table import Row, Source, Table

ITEM_FIELDS = [
    ("item", TEXT),
    ("subject", TEXT),
    ("content_digest", TEXT),
    ("withheld", BOOLEAN),
]

Describe = Callable[[Source, Sequence[ItemFacts]], Mapping[UUID, Row]]
"""The columns that say what the items are about, by item; a fixed number of queries."""


def aligned_table(
    *, name: str, title: str, stage: str, fields: Sequence[Column], describe: Describe
) -> Table:
    """A table of one stage's items: whose they are, what they are about, what was answered."""

    def schema(source: Source) -> Schema:
        answers = answer_fields(source.asked.newest(stage))
        return schema_of([*ITEM_FIELDS, *fields, *answers])

    def rows(source: Source) -> Iterator[Row]:
        questions = source.asked.newest(stage)
        for page in item_pages(source.study, stage):
            about = describe(source, page)
            answers = answers_of(source, page)
            for item in page:
                columns = answer_columns(questions, item, answers[item.id])
                yield _frame(source, item) | about[item.id] | columns

    return Table(name=name, title=title, key="item", schema=schema, rows=rows, withheld="withheld")


def _frame(source: Source, item: ItemFacts) -> Row:
    return {
        "item": item.ref,
        "subject": source.people.ref(item.subject),
        "content_digest": item.content_digest,
        "withheld": not source.people.leave_of(item.people).words,
    }
