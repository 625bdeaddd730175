"""Reading the list of people that a panel exports as CSV."""

import csv
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from io import StringIO

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from studies.recruitment.panel import ExportColumns

LARGEST = 5_000_000
"""Bytes."""
MOST_ROWS = 100_000
DELIMITERS = ",;\t"


@dataclass(frozen=True, slots=True)
class ExportRow:
    """One line of the panel's list."""

    person: str
    status: str
    code: str
    submission: str


def read_export(data: bytes, columns: ExportColumns) -> list[ExportRow]:
    """The rows of a CSV with a header, separated by comma, semicolon or tab.

    Raises ValidationError with the line where it cannot be read.
    """
    lines = _lines(_text(data))
    header = [name.strip().lower() for name in next(lines, (1, []))[1]]
    places = _places(header, columns)
    return [_row(cells, places, len(header), number) for number, cells in lines if any(cells)]


def _text(data: bytes) -> str:
    if len(data) > LARGEST:
        raise ValidationError(_("The list is larger than 5 MB."))
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise ValidationError(_("Line %s is not UTF-8.") % line) from None
    if "\x00" in text:
        line = text.count("\n", 0, text.index("\x00")) + 1
        raise ValidationError(_("Line %s holds a character that no CSV holds.") % line)
    if not text.strip():
        raise ValidationError(_("Choose a file or paste the panel's list."))
    return text


def _lines(text: str) -> Iterator[tuple[int, list[str]]]:
    """Each record with the line on which it ends."""
    first = text.lstrip().partition("\n")[0]
    delimiter = max(DELIMITERS, key=first.count)
    reader = csv.reader(StringIO(text.lstrip(), newline=""), delimiter=delimiter, strict=True)
    try:
        for number, cells in enumerate(reader):
            if number > MOST_ROWS:
                raise ValidationError(_("The list has more than %s rows.") % f"{MOST_ROWS:,}")
            yield reader.line_num, cells
    except csv.Error as error:
        raise ValidationError(
            _("Line %(line)s is no CSV: %(why)s.") % {"line": reader.line_num, "why": error}
        ) from None


def _places(header: Sequence[str], columns: ExportColumns) -> dict[str, int]:
    """Where each column stands; -1 for one that may be missing and is."""
    places = {}
    for field in ("participant", "status", "code", "submission"):
        name = getattr(columns, field)
        is_needed = field in ("participant", "status")
        places[field] = header.index(name.lower()) if name.lower() in header else -1
        if is_needed and places[field] < 0:
            raise ValidationError(_("Line 1 has no column “%s”.") % name)
    return places


def _row(cells: Sequence[str], places: dict[str, int], width: int, line: int) -> ExportRow:
    if len(cells) != width:
        raise ValidationError(
            _("Line %(line)s has %(n)s cells, the first line %(width)s.")
            % {"line": line, "n": len(cells), "width": width}
        )
    found = {name: cells[place].strip() if place >= 0 else "" for name, place in places.items()}
    return ExportRow(
        person=found["participant"],
        status=found["status"],
        code=found["code"],
        submission=found["submission"],
    )
