"""Zips: the members that may hold conversations, as streams; nothing is extracted to a path."""

import struct
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import PurePosixPath
from typing import BinaryIO

from django.utils.translation import gettext as _

from collection.importers.format import Unreadable
from collection.importers.limits import (
    HIGHEST_RATIO,
    LARGEST_CONTENT,
    LARGEST_DIRECTORY,
    MEGABYTE,
    MOST_ENTRIES,
    RATIO_COUNTS_FROM,
)

CHUNK = 1 << 20
SIGNATURES = (b"PK\x03\x04", b"PK\x05\x06", b"PK\x07\x08")
END = struct.Struct("<4s4H2LH")
"""The record at a zip's end: mark, disks, entries, size and place of the directory, comment."""
LONGEST_COMMENT = 65_535
IS_ENCRYPTED = 0x1
READABLE = {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}
BROKEN = (zipfile.BadZipFile, zlib.error, EOFError, OSError, ValueError, struct.error)
"""What the standard library raises on a damaged zip."""


def files_in(file: BinaryIO) -> Iterator[Iterator[bytes]]:
    """The texts to read: the file itself, or members of a zip, each as its chunks of bytes."""
    file.seek(0)
    mark = file.read(4)
    file.seek(0)
    if mark in SIGNATURES:
        yield from _members(file)
    else:
        yield _chunks(file)


def _chunks(file: BinaryIO) -> Iterator[bytes]:
    while chunk := file.read(CHUNK):
        yield chunk


def _members(file: BinaryIO) -> Iterator[Iterator[bytes]]:
    _check_directory(file)
    try:
        archive = zipfile.ZipFile(file)
    except (*BROKEN, NotImplementedError):
        raise Unreadable(_broken()) from None
    with archive:
        counter = _Unpacked()
        for member in _wanted(archive.infolist()):
            yield counter.chunks(archive, member)


def _check_directory(file: BinaryIO) -> None:
    """Refuse a zip whose list of files would not fit in memory, before it is read."""
    size = file.seek(0, 2)
    file.seek(max(0, size - END.size - LONGEST_COMMENT))
    tail = file.read()
    file.seek(0)
    place = tail.rfind(SIGNATURES[1])
    if place < 0 or place + END.size > len(tail):
        raise Unreadable(_broken())
    _mark, _disk, _first, _here, entries, directory, _place, _comment = END.unpack_from(tail, place)
    if entries > MOST_ENTRIES or directory > LARGEST_DIRECTORY:
        raise Unreadable(
            _("The zip holds more than %(most)s files.") % {"most": f"{MOST_ENTRIES:,}"}
        )


def _wanted(members: list[zipfile.ZipInfo]) -> list[zipfile.ZipInfo]:
    """Those named as exports name them; else every JSON file. Names are compared, never used."""
    if len(members) > MOST_ENTRIES:
        raise Unreadable(_broken())
    named = [(PurePosixPath(one.filename).name.lower(), one) for one in members if not one.is_dir()]
    readable = [
        (name, one)
        for name, one in named
        if name.endswith((".json", ".jsonl")) and not name.startswith(".")
    ]
    exported = [one for name, one in readable if name.startswith("conversations")]
    wanted = exported or [one for _name, one in readable]
    if not wanted and any(name.endswith(".zip") for name, _one in named):
        raise Unreadable(_("The zip holds another zip. Unpack it once, and give what is in it."))
    if not wanted:
        raise Unreadable(_("The zip holds no conversations.json and no other JSON file."))
    for one in wanted:
        _check_member(one)
    return wanted


def _check_member(member: zipfile.ZipInfo) -> None:
    if member.flag_bits & IS_ENCRYPTED:
        raise Unreadable(_("The zip is protected by a password. Give one without."))
    if member.compress_type not in READABLE:
        raise Unreadable(_("The zip is packed in a way that cannot be read here."))
    _check_size(member.file_size, member.file_size, member.compress_size)


class _Unpacked:
    """Counts what comes out of a zip, so that a small file cannot become a huge one."""

    def __init__(self) -> None:
        self._bytes = 0

    def chunks(self, archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> Iterator[bytes]:
        """A member's bytes; that it declared itself to be smaller is not believed."""
        unpacked = 0
        try:
            with archive.open(member) as stream:
                while chunk := stream.read(CHUNK):
                    unpacked += len(chunk)
                    self._check(len(chunk), unpacked, member.compress_size)
                    yield chunk
        except (*BROKEN, NotImplementedError, RuntimeError):
            raise Unreadable(_broken()) from None

    def _check(self, more: int, unpacked: int, packed: int) -> None:
        self._bytes += more
        _check_size(self._bytes, unpacked, packed)


def _check_size(total: int, unpacked: int, packed: int) -> None:
    """Of all members, and of one before and after packing."""
    if unpacked > RATIO_COUNTS_FROM and unpacked > HIGHEST_RATIO * max(1, packed):
        raise Unreadable(_("Unpacked, the zip is larger than any export would be."))
    if total > LARGEST_CONTENT:
        sentence = _("Unpacked, the zip is larger than %(most)s MB.")
        raise Unreadable(sentence % {"most": LARGEST_CONTENT // MEGABYTE})


def _broken() -> str:
    return _("The zip is damaged or was not saved whole. Download it again.")
