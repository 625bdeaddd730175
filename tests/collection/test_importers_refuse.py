"""Files that are broken, hostile or something else: a sentence, where it is, and nothing more."""

import io
import json
import re
import struct
import tracemalloc
import zipfile
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collection.importers import reading
from collection.importers.format import Unreadable
from collection.importers.limits import (
    DEEPEST_JSON,
    LARGEST_CONVERSATION,
    LONGEST_TURN,
    MOST_BRACKETS,
    MOST_ENTRIES,
    MOST_TURNS,
)
from collection.importers.reading import read
from collection.importers.registry import FORMATS
from collection.importers.rows import is_deeper, rows_in
from tests.collection.exports import chain, claude, in_lines, listed, plain, tree, zipped

GOOD = listed(chain("a"), chain("b", name="g2"))


def names(content: bytes) -> list[str]:
    """The conversations of a file by the names they have there."""
    return [found.past.key for found in read(io.BytesIO(content), FORMATS)]


def fault_of(row: Any) -> str:
    """Why the only conversation of a file can't be given."""
    [found] = read(io.BytesIO(listed(row)), FORMATS)
    return found.fault


def deep(levels: int) -> bytes:
    return b'[{"mapping": ' + b"[" * levels + b"]" * levels + b"}]"


REFUSED = {
    "empty": (b"", "is empty"),
    "only space": (b" \n\t", "is empty"),
    "no conversation": (b"[]", "No conversation was found"),
    "web page": (b"\n<!DOCTYPE html><html>", "This is a web page"),
    "text": (b"Dear all", "neither a zip nor JSON"),
    "picture": (b"\x89PNG\r\n", "it is neither a zip nor text"),
    "bomb that is no JSON": (zipped({"conversations.json": bytes(20_000_000)}), "Unpacked, the "),
    "UTF-16": (listed(chain()).decode().encode("utf-16"), "Byte 1 of the file is not UTF-8"),
    "bad byte": (GOOD[:60] + b"\xff" + GOOD[60:], "Byte 61 of the file is not UTF-8"),
    "cut in half": (GOOD[: len(GOOD) // 3], "Conversation 1 of the file: the file ends in the"),
    "cut in the second": (GOOD[:-60], "Conversation 2 of the file: the file ends in the middle"),
    "list not closed": (GOOD[:-1], "Conversation 3 of the file: the file ends in the middle"),
    "cut in a word": (b'[{"mapping": nul', "Conversation 1 of the file: the file ends in the"),
    "cut in an escape": (b'[{"title": "\\u00', "Conversation 1 of the file: the file ends in the"),
    "not JSON": (b'[{"mapping": oops}]', r"Conversation 1 .* not valid JSON \(character 14 "),
    "no comma": (GOOD.replace(b"}, {", b"} {", 1), "not valid JSON"),
    "something after": (GOOD + b" x", "not valid JSON"),
    "a number in the list": (b"[1]", "Conversation 1 of the file: this is not a conversation"),
    "a key twice": (b'[{"mapping": {}, "mapping": {}}]', "a key stands twice"),
    "NaN": (b'[{"create_time": NaN, "mapping": {}}]', "such as NaN"),
    "infinity": (b'[{"create_time": -Infinity, "mapping": {}}]', "such as NaN"),
    "number of 10,000 digits": (b'[{"n": ' + b"9" * 10_000 + b"}]", "such as NaN"),
    "deep": (deep(DEEPEST_JSON), "too deep inside one another"),
    "bottomless": (deep(100_000), "too deep inside one another"),
    "unknown objects": (in_lines(*[{"a": 1}] * 30), "No conversation was found"),
    "zip cut in half": (zipped({"conversations.json": GOOD})[:100], "zip is damaged"),
    "zip without conversations": (zipped({"a.txt": GOOD}), "holds no conversations.json"),
    "zip in a zip": (zipped({"b.zip": zipped({"conversations.json": GOOD})}), "another zip"),
    "empty zip": (zipped({}), "holds no conversations.json"),
    "several formats": (zipped({"a.json": GOOD, "b.json": listed(claude())}), "several formats"),
    "unusual zip": (
        zipped({"conversations.json": GOOD}, compression=zipfile.ZIP_BZIP2),
        "packed in a way",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", REFUSED)
def test_file_is_refused_with_what_is_wrong_and_where(name: str) -> None:
    content, sentence = REFUSED[name]

    with pytest.raises(Unreadable, match=sentence):
        names(content)


def test_zip_with_a_password_is_refused() -> None:
    content = bytearray(zipped({"conversations.json": GOOD}))
    directory = content.rindex(b"PK\x01\x02")
    content[6] |= 1
    content[directory + 8] |= 1

    with pytest.raises(Unreadable, match="protected by a password"):
        names(bytes(content))


def test_zip_whose_bytes_changed_is_refused() -> None:
    content = bytearray(zipped({"conversations.json": GOOD}, compression=zipfile.ZIP_STORED))
    content[100] ^= 1

    with pytest.raises(Unreadable):
        names(bytes(content))


@pytest.mark.parametrize(
    "name", ["../../x.json", "/etc/x.json", "C:\\x\\conversations.json", "ü.json"]
)
def test_names_in_a_zip_are_no_paths(name: str, tmp_path: Any, monkeypatch: Any) -> None:
    monkeypatch.chdir(tmp_path)

    assert names(zipped({name: GOOD})) == ["g1", "g2"]
    assert list(tmp_path.iterdir()) == []


def test_zip_of_too_many_files_is_refused_before_they_are_listed() -> None:
    content = zipped([(f"{number}.json", b"") for number in range(MOST_ENTRIES + 1)])

    with pytest.raises(Unreadable, match="more than 20,000 files"):
        names(content)


def test_zip_that_lies_about_its_number_of_files_is_refused() -> None:
    content = bytearray(zipped([(f"{number}.json", b"") for number in range(MOST_ENTRIES + 1)]))
    struct.pack_into("<2H", content, len(content) - 14, 1, 1)

    with pytest.raises(Unreadable):
        names(bytes(content))


@pytest.fixture(scope="module")
def bomb() -> bytes:
    """500 MB of zeros in half a megabyte, named like an export."""
    made = io.BytesIO()
    with (
        zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive,
        archive.open("conversations.json", "w") as member,
    ):
        for piece in [b"[", *[b" " * 1_000_000] * 500]:
            member.write(piece)
    return made.getvalue()


def test_zip_bomb_is_refused_in_little_memory(bomb: bytes) -> None:
    tracemalloc.start()
    try:
        with pytest.raises(Unreadable, match="Unpacked, the zip is larger"):
            names(bomb)
        _now, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()

    assert len(bomb) < 1_000_000
    assert peak < 30_000_000


def test_content_is_counted_and_not_believed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "LARGEST_CONTENT", 1000)

    with pytest.raises(Unreadable, match="The file is larger than"):
        names(in_lines(*(plain(name=str(n)) for n in range(100))))


def test_more_conversations_than_the_limit_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "MOST_CONVERSATIONS", 2)

    with pytest.raises(Unreadable, match="more than 2 conversations"):
        names(in_lines(plain(), plain(), plain()))


def endless(start: bytes) -> Iterator[bytes]:
    """A text that never ends."""
    yield start
    while True:
        yield b"a" * 1_000_000


def test_one_conversation_is_held_up_to_a_limit() -> None:
    with pytest.raises(Unreadable, match="larger than one conversation may be"):
        next(iter(rows_in(endless(b'[{"title": "'))))


def test_one_conversation_is_not_made_of_brackets() -> None:
    with pytest.raises(Unreadable, match="larger than one conversation may be"):
        list(rows_in(iter([b'[{"mapping": [', b"[]," * MOST_BRACKETS, b"[]]}]"])))


def test_row_of_the_largest_size_is_read() -> None:
    text = b"a" * (LARGEST_CONVERSATION - 100)
    chunks = [
        b'[{"title": "',
        *(text[n : n + 999_999] for n in range(0, len(text), 999_999)),
        b'"}]',
    ]

    [row] = rows_in(iter(chunks))

    assert len(row["title"]) == len(text)


UNUSABLE = {
    "half a character": (chain("\ud800"), "half a character"),
    "long turn": (chain("a" * (LONGEST_TURN + 1)), "longer than 1,000,000 characters"),
    "no tree": (tree({}, None) | {"mapping": {"a": 5}}, r"not as its format says \(mapping.a\)"),
    "no role": (plain() | {"turns": [{"role": "me", "content": "x"}]}, "not as its format says"),
    "many turns": (plain(*["x"] * (MOST_TURNS + 1)), "more than 10,000 turns"),
}


@pytest.mark.parametrize("name", UNUSABLE)
def test_conversation_that_cannot_be_given_says_why(name: str) -> None:
    row, sentence = UNUSABLE[name]

    assert re.search(sentence, fault_of(row))


def test_one_bad_conversation_does_not_keep_the_others_back() -> None:
    rows = listed(chain("\ud800", name="a"), chain(name="b"))

    assert [bool(found.fault) for found in read(io.BytesIO(rows), FORMATS)] == [True, False]


@given(st.binary(max_size=200))
def test_no_bytes_bring_it_down(content: bytes) -> None:
    with suppress(Unreadable):
        names(content)


@given(st.integers(0, len(GOOD) - 1), st.integers(1, 50))
def test_cut_anywhere_in_any_pieces_is_refused(end: int, size: int) -> None:
    pieces = iter([GOOD[n : min(n + size, end)] for n in range(0, end, size)])

    with pytest.raises(Unreadable):
        list(rows_in(pieces))


@given(st.integers(1, 50))
def test_pieces_do_not_matter(size: int) -> None:
    text = json.dumps([chain("日本語 🚆 é"), {"n": 12345}], ensure_ascii=False).encode()

    found = list(rows_in(text[n : n + size] for n in range(0, len(text), size)))

    assert found == json.loads(text)


@pytest.mark.parametrize(("levels", "expected"), [(DEEPEST_JSON, False), (DEEPEST_JSON + 1, True)])
def test_depth_is_counted_in_levels(levels: int, expected: bool) -> None:
    value: Any = "x"
    for _level in range(levels):
        value = [value]

    assert is_deeper(value, DEEPEST_JSON) is expected
