"""Tables that a page lets one keep: CSV in which no cell runs in a spreadsheet."""

import csv
from collections.abc import Iterable, Sequence
from io import StringIO
from typing import Any

from django.http import HttpResponse

from studies.spreadsheets import safe_cell


def csv_answer(rows: Iterable[Sequence[Any]], name: str) -> HttpResponse:
    """The rows as a file of that name."""
    written = StringIO()
    csv.writer(written).writerows([[_cell(value) for value in row] for row in rows])
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return HttpResponse(written.getvalue(), "text/csv; charset=utf-8", headers=headers)


def _cell(value: object) -> object:
    return safe_cell(value) if isinstance(value, str) else "" if value is None else value
