"""Where a donation lies until its owner has chosen: a directory under its id, then nothing.

Of the file as it came nothing is kept: only what the person could choose, as lines, and a list of
them with their places, so that opening one conversation reads one line.
"""

import json
import shutil
from collections.abc import Collection, Iterable
from datetime import datetime
from pathlib import Path
from uuid import UUID

from django.conf import settings

from collection.donating.listing import Listed, as_record, from_record, listed
from collection.importers.format import Past, PastTurn
from collection.importers.reading import Found

CONVERSATIONS, LIST = "conversations.jsonl", "list.jsonl"


def room() -> Path:
    """The directory of all donations; others of the machine have no business in it."""
    path = Path(settings.DONATIONS_DIR)
    path.mkdir(mode=0o700, parents=True, exist_ok=True)
    return path


def write(donation: UUID, found: Iterable[Found], owner: str) -> list[Listed]:
    """Keep what was found for its owner to choose from; a name that stands twice is kept once."""
    directory = room() / str(donation)
    directory.mkdir(mode=0o700)
    lines = _write_conversations(directory / CONVERSATIONS, found, owner)
    with (directory / LIST).open("w", encoding="utf-8") as file:
        file.writelines(json.dumps(as_record(line)) + "\n" for line in lines)
    return lines


def _write_conversations(path: Path, found: Iterable[Found], owner: str) -> list[Listed]:
    lines: list[Listed] = []
    origins: set[str] = set()
    with path.open("wb") as file:
        for one in found:
            line = listed(one, len(lines) + 1, file.tell(), owner)
            if line.fault or line.origin not in origins:
                lines.append(line)
                origins.add(line.origin)
                file.write(_packed(one.past))
    return lines


def lines_of(donation: UUID) -> list[Listed]:
    """Everything in a donation; nothing where its files are gone."""
    path = room() / str(donation) / LIST
    if not path.exists():
        return []
    with path.open(encoding="utf-8") as file:
        return [from_record(json.loads(line)) for line in file]


def past_of(donation: UUID, line: Listed) -> Past:
    """One conversation of it."""
    with (room() / str(donation) / CONVERSATIONS).open("rb") as file:
        file.seek(line.place)
        return _unpacked(file.readline(), line)


def remove(donation: UUID) -> None:
    """Delete a donation's files; twice is as good as once."""
    shutil.rmtree(room() / str(donation), ignore_errors=True)


def remove_left_behind(before: datetime, kept: Collection[str]) -> None:
    """Delete what no row speaks for, such as after a crash; `kept` are ids that rows speak for."""
    for path in room().iterdir():
        if path.name not in kept and path.stat().st_mtime < before.timestamp():
            shutil.rmtree(path, ignore_errors=True) if path.is_dir() else path.unlink()


def _packed(past: Past) -> bytes:
    turns = [[turn.role, turn.content, turn.model] for turn in past.turns]
    versions = [list(version) for version in past.versions]
    record = {"turns": turns, "versions": versions}
    return json.dumps(record, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"


def _unpacked(line: bytes, listed: Listed) -> Past:
    record = json.loads(line)
    turns = [PastTurn(role, content, model) for role, content, model in record["turns"]]
    return Past(listed.origin, listed.title, listed.began_at, turns, record["versions"])
