"""A person's download: a zip with `data.json` and `data.html`, written as it is sent."""

import json
import zipfile
from collections.abc import Iterator
from datetime import datetime
from io import RawIOBase
from typing import Any

from django.core.serializers.json import DjangoJSONEncoder
from django.utils import timezone
from django.utils.encoding import force_str

from releases.personal.collecting import tables_about
from releases.personal.page import page_parts
from studies.models import Participant

VERSION = 1
"""Of the shape of `data.json`."""


class Outlet(RawIOBase):
    """A file that cannot be sought in and gives away what was written to it."""

    def __init__(self) -> None:
        self._waiting: list[bytes] = []

    def writable(self) -> bool:
        return True

    def write(self, data: Any) -> int:
        self._waiting.append(bytes(data))
        return len(data)

    def taken(self) -> bytes:
        """What was written since the last time."""
        waiting, self._waiting = b"".join(self._waiting), []
        return waiting


def archive_of(person: Participant) -> Iterator[bytes]:
    """The zip in pieces; the rows are read as they are wanted."""
    outlet, now = Outlet(), timezone.localtime()
    with zipfile.ZipFile(outlet, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, parts in (
            ("data.json", json_parts(person, now)),
            ("data.html", page_parts(person, now)),
        ):
            entry = zipfile.ZipInfo(name, now.timetuple()[:6])
            entry.compress_type = zipfile.ZIP_DEFLATED
            with archive.open(entry, "w", force_zip64=True) as file:
                for part in parts:
                    file.write(part.encode())
                    yield outlet.taken()
    yield outlet.taken()


def json_parts(person: Participant, now: datetime) -> Iterator[str]:
    """One JSON object: what it is, then a list of rows under each table's name."""
    head = {"version": VERSION, "study": person.study.slug, "pseudonym": person.ref, "at": now}
    yield f"{_json(head)[:-1]}"
    for table in tables_about(person):
        about: dict[str, Any] = {
            "title": force_str(table.about.title),
            "left_out": table.about.left_out or {},
        }
        if table.held_back:
            about |= {"held_back": table.held_back, "why": table.note}
        yield f',\n{_json(table.label)}: {_json(about)[:-1]}, "rows": ['
        for number, row in enumerate(table.rows):
            yield ("," if number else "") + "\n" + _json(row)
        yield "]}"
    yield "}\n"


def _json(value: Any) -> str:
    return json.dumps(value, cls=DjangoJSONEncoder, ensure_ascii=False)
