"""The live export: a table as it is now, in parts, in constant memory."""

from collections.abc import Iterator

from django.core.exceptions import ValidationError

from releases.batches import batches
from releases.tables.registry import TABLES
from releases.tables.table import source_of
from releases.writers import encoded
from studies.models import Study

ROWS_PER_PART = 500

MEDIA_TYPES = {
    "jsonl": "application/x-ndjson",
    "csv": "text/csv; charset=utf-8",
    "parquet": "application/vnd.apache.parquet",
}
"""By format, for whoever sends it."""


def stream_table(study: Study, table: str, form: str) -> Iterator[bytes]:
    """One of `TABLES` in one of its formats.

    Raises ValidationError, before anything is read, for a table or format that does not exist.
    """
    if table not in TABLES:
        raise ValidationError(f"There is no table “{table}”, only {', '.join(TABLES)}.")
    found = TABLES[table]
    if form not in found.formats:
        forms = ", ".join(found.formats)
        raise ValidationError(f"The table “{table}” is not exported as “{form}”, only {forms}.")
    source = source_of(study)
    return encoded(
        batches(found.rows(source), ROWS_PER_PART),
        schema=found.schema(source),
        form=form,
        rows_per_group=found.rows_per_group,
    )
