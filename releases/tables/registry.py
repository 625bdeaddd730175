"""The tables by name, in the order of the data's life."""

from releases.tables import attributes, conversations, judgments, relevance, responses
from releases.tables.table import Table

TABLES: dict[str, Table] = {
    table.name: table
    for table in (
        judgments.TABLE,
        attributes.TABLE,
        relevance.TABLE,
        responses.TABLE,
        conversations.TABLE,
    )
}
