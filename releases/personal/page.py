"""A person's data as one page that can be read without anything else: no script, no links out."""

from collections.abc import Iterator, Mapping
from datetime import date, datetime
from typing import Any

from django.utils import formats, timezone
from django.utils.encoding import force_str
from django.utils.html import escape
from django.utils.translation import get_language, get_language_bidi
from django.utils.translation import gettext as _

from releases.personal.collecting import Table, tables_about
from studies.models import Participant

STYLE = (
    "body{font:1rem/1.5 serif;max-width:45rem;margin:2rem auto;padding:0 1rem}"
    "h2{margin-top:3rem}dl{border-top:1px solid #999;padding:.75rem 0;margin:0}"
    "dt{font:.8rem sans-serif;color:#555}dd{margin:0 0 .5rem;white-space:pre-wrap;"
    "overflow-wrap:anywhere}"
)
POLICY = "default-src 'none'; style-src 'unsafe-inline'"
"""The page is opened from a disk, where no header keeps a hostile text from running."""


def page_parts(person: Participant, now: datetime) -> Iterator[str]:
    """The page piece by piece, in the language of whoever asks."""
    title = _("Everything held about you in the study “%s”") % person.study.title()
    direction = "rtl" if get_language_bidi() else "ltr"
    yield (
        f'<!DOCTYPE html><html lang="{escape(get_language() or "en")}" dir="{direction}"><head>'
        f'<meta charset="utf-8"><meta http-equiv="Content-Security-Policy" content="{POLICY}">'
        f"<title>{escape(title)}</title><style>{STYLE}</style></head><body>"
        f"<h1>{escape(title)}</h1><p>{escape(_shown(now))}</p>"
        f"<p>{escape(_('The same, complete with every id, is in data.json.'))}</p>"
    )
    for table in tables_about(person):
        yield from _section(table)
    yield "</body></html>\n"


def _section(table: Table) -> Iterator[str]:
    """A table that has rows, each as a list of what is known."""
    heading = f"<section><h2>{escape(force_str(table.about.title))}</h2>"
    is_begun = bool(table.note)
    if is_begun:
        yield f"{heading}<p>{escape(table.note)}</p>"
    for row in table.rows:
        if not is_begun:
            yield heading
            is_begun = True
        yield _entry(row)
    if is_begun:
        yield "</section>"


def _entry(row: Mapping[str, Any]) -> str:
    facts = "".join(
        f'<dt>{escape(name.replace("_", " "))}</dt><dd dir="auto">{escape(_shown(value))}</dd>'
        for name, value in row.items()
        if value not in (None, "", [], {}) and name != "id" and not name.endswith("_id")
    )
    return f"<dl>{facts}</dl>" if facts else ""


def _shown(value: Any) -> str:
    if isinstance(value, datetime):
        return formats.date_format(timezone.localtime(value), "DATETIME_FORMAT")
    if isinstance(value, date):
        return formats.date_format(value)
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, dict):
        return "\n".join(f"{key}: {_shown(one)}" for key, one in value.items())
    if isinstance(value, list):
        return "\n".join(_shown(one) for one in value)
    return force_str(value)
