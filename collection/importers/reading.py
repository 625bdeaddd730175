"""A file of past conversations from its first byte to its last, whatever its format."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace
from typing import BinaryIO

from django.utils.translation import gettext as _
from pydantic import ValidationError as ShapeError

from collection.importers.archive import files_in
from collection.importers.format import Format, Past, Row, Unreadable, Unusable
from collection.importers.limits import (
    LARGEST_CONTENT,
    LONGEST_TITLE,
    LONGEST_TURN,
    MEGABYTE,
    MOST_CONVERSATIONS,
    MOST_TURNS,
)
from collection.importers.registry import format_of
from collection.importers.rows import rows_in

MOST_UNKNOWN = 20
"""Rows at the beginning that no format knows; empty conversations look like nothing."""
NUL, REPLACEMENT = "\x00", "\ufffd"


@dataclass(frozen=True, slots=True)
class Found:
    """A conversation of the file, or why it can't be given."""

    format: str
    past: Past
    fault: str = ""


def read(file: BinaryIO, formats: Collection[str]) -> Iterator[Found]:
    """What is in the file, without conversations in which nobody says anything.

    Raises Unreadable, at any time, where the file as a whole is refused.
    """
    seen: set[str] = set()
    count = 0
    for chunks in files_in(file):
        for form, row in _rows(_counted(chunks)):
            seen.add(form.name)
            _check_formats(seen, formats)
            count += 1
            if count > MOST_CONVERSATIONS:
                sentence = _("The file holds more than %(most)s conversations.")
                raise Unreadable(sentence % {"most": f"{MOST_CONVERSATIONS:,}"})
            if found := _found(form, row):
                yield found
    if not seen:
        raise Unreadable(
            _(
                "No conversation was found in this file. It is in none of the formats "
                "that can be read here."
            )
        )


def _counted(chunks: Iterator[bytes]) -> Iterator[bytes]:
    """The same chunks, up to the limit."""
    total = 0
    for chunk in chunks:
        total += len(chunk)
        if total > LARGEST_CONTENT:
            sentence = _("The file is larger than %(most)s MB.")
            raise Unreadable(sentence % {"most": LARGEST_CONTENT // MEGABYTE})
        yield chunk


def _rows(chunks: Iterator[bytes]) -> Iterator[tuple[Format, Row]]:
    """The rows of one file with its format, which the first row that has one decides."""
    form = None
    for number, row in enumerate(rows_in(chunks), start=1):
        form = form or format_of(row)
        if form:
            yield form, row
        elif number > MOST_UNKNOWN:
            return


def _check_formats(seen: set[str], formats: Collection[str]) -> None:
    if len(seen) > 1:
        raise Unreadable(_("The zip holds files of several formats. Give them one by one."))
    if not seen <= set(formats):
        sentence = _("This study does not take files of this format (%(format)s).")
        raise Unreadable(sentence % {"format": min(seen)})


def _found(form: Format, row: Row) -> Found | None:
    """A row as a conversation; None where nobody says anything in it."""
    nobody = Past("", _title(row), None, [], [])
    try:
        past = form.read(row)
        return Found(form.name, _storable(past)) if past.versions else None
    except Unusable as fault:
        return Found(form.name, nobody, str(fault))
    except ShapeError as error:
        place = ".".join(str(part)[:40] for part in error.errors()[0]["loc"])
        sentence = _("It is not as its format says (%(place)s).")
        return Found(form.name, nobody, sentence % {"place": place})


def _title(row: Row) -> str:
    title = row.get("title") or row.get("name")
    return _clean_title(title) if isinstance(title, str) else ""


def _storable(past: Past) -> Past:
    """The conversation as a database can hold it; raises Unusable where it can't."""
    if len(past.turns) > MOST_TURNS:
        raise Unusable(_("It has more than %(most)s turns.") % {"most": f"{MOST_TURNS:,}"})
    turns = [replace(turn, content=_clean(turn.content)) for turn in past.turns]
    return replace(past, title=_clean_title(past.title), turns=turns)


def _clean(text: str) -> str:
    """The text itself; only the character NUL, which no database takes, is replaced."""
    if len(text) > LONGEST_TURN:
        sentence = _("One of its turns is longer than %(most)s characters.")
        raise Unusable(sentence % {"most": f"{LONGEST_TURN:,}"})
    try:
        text.encode()
    except UnicodeEncodeError:
        raise Unusable(_("It holds half a character (a lone surrogate).")) from None
    return text.replace(NUL, REPLACEMENT)


def _clean_title(title: str) -> str:
    """In one line, short, and always storable: a title is only a label."""
    whole = title.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return " ".join(whole.replace(NUL, REPLACEMENT).split())[:LONGEST_TITLE]
