"""The live export: a table as it is now, in parts, in constant memory."""

import time
from collections.abc import Iterable, Iterator
from datetime import datetime

from django.core.exceptions import ValidationError
from django.utils import timezone

from releases.batches import batches
from releases.models import Erasure
from releases.tables.registry import TABLES
from releases.tables.table import Row, source_of
from releases.writers import encoded
from studies.models import Consent, Study

FIRST_ROWS, ROWS_PER_PART = 50, 500
"""The first part leaves before a second page of rows is read."""
LOOK_SECONDS = 1.0
"""Between looks whether somebody took something back."""

MEDIA_TYPES = {
    "jsonl": "application/x-ndjson",
    "csv": "text/csv; charset=utf-8",
    "parquet": "application/vnd.apache.parquet",
}
"""By format, for whoever sends it."""


class Withdrawn(Exception):
    """An export was broken off, since somebody whose rows may be in it took something back."""


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
        _while_allowed(batches(found.rows(source), ROWS_PER_PART, first=FIRST_ROWS), study),
        schema=found.schema(source),
        form=form,
        rows_per_group=found.rows_per_group,
    )


def _while_allowed(parts: Iterable[list[Row]], study: Study) -> Iterator[list[Row]]:
    """The parts while nobody takes anything back; then it breaks off, at most a second late."""
    began, looked = timezone.now(), time.monotonic()
    for part in parts:
        if time.monotonic() - looked >= LOOK_SECONDS:
            if _was_taken_back(study, began):
                raise Withdrawn("Somebody took something back meanwhile. Please begin again.")
            looked = time.monotonic()
        yield part


def _was_taken_back(study: Study, since: datetime) -> bool:
    taken_back = Consent.objects.filter(participant__study=study, withdrawn_at__gte=since)
    erased = Erasure.objects.filter(study=study, requested_at__gte=since)
    return taken_back.exists() or erased.exists()
