"""The ledger of erasures: a file outside the database, so that a restored backup can be told.

`erasures.jsonl` in `settings.ERASURES_DIR` has a line per erasure: an HMAC of the participant's id,
the time, a digest of the receipt. Its key lies beside it: a site restored with another secret key
still finds whom to erase. A line is on disk before anybody is told that they are erased.
"""

import fcntl
import hashlib
import hmac
import json
import os
import secrets
from collections.abc import Iterable
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from uuid import UUID

from django.conf import settings

FILE = "erasures.jsonl"
KEY = "key"


def write_down(*, person: UUID, receipt: str, at: datetime) -> None:
    """Append a line for this erasure unless there is one; it is on disk on return."""
    entry = {
        "person": digest_of(person),
        "at": at.isoformat(),
        "receipt": hashlib.sha256(receipt.encode()).hexdigest(),
    }
    with (_folder() / FILE).open("a+b") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        file.seek(0)
        known = {_entry(line).get("receipt") for line in file}
        if entry["receipt"] not in known:
            _append(file.fileno(), json.dumps(entry))
        os.fsync(file.fileno())
    _sync(_folder())


def _append(handle: int, line: str) -> None:
    """One line; a line that a crash cut short before is ended first."""
    end = os.lseek(handle, 0, os.SEEK_END)
    is_cut = end > 0 and os.pread(handle, 1, end - 1) != b"\n"
    os.write(handle, (b"\n" if is_cut else b"") + line.encode() + b"\n")


def is_empty() -> bool:
    """Was nobody erased here yet?"""
    path = settings.ERASURES_DIR / FILE
    return not path.exists() or path.stat().st_size == 0


def erased_people() -> frozenset[str]:
    """The digests of everybody who was erased, as `digest_of` makes them."""
    path = settings.ERASURES_DIR / FILE
    if not path.exists():
        return frozenset()
    with path.open("rb") as file:
        return frozenset(found for line in file if (found := _entry(line).get("person")))


def erased_among(people: Iterable[UUID]) -> list[UUID]:
    """Those of these participants who were erased once, and so came back."""
    erased, key = erased_people(), _key()
    return [person for person in people if _digest(person, key) in erased]


def digest_of(person: UUID) -> str:
    """HMAC-SHA-256 of a participant's id under the ledger's own key."""
    return _digest(person, _key())


def _digest(person: UUID, key: bytes) -> str:
    return hmac.new(key, person.bytes, hashlib.sha256).hexdigest()


def _entry(line: bytes) -> dict[str, str]:
    """A line's facts; none of one that was cut short."""
    try:
        entry = json.loads(line)
    except ValueError:
        return {}
    return entry if isinstance(entry, dict) else {}


def _key() -> bytes:
    """Made at first use and readable by its owner only; the first of several to make it wins."""
    path = _folder() / KEY
    if not path.exists():
        fresh = path.with_name(f"{KEY}.{os.getpid()}.{secrets.token_hex(4)}")
        handle = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        os.write(handle, secrets.token_hex(32).encode())
        os.fsync(handle)
        os.close(handle)
        with suppress(FileExistsError):
            os.link(fresh, path)
        fresh.unlink()
        _sync(path.parent)
    return path.read_bytes()


def _folder() -> Path:
    folder: Path = settings.ERASURES_DIR
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return folder


def _sync(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
