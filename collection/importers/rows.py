"""The objects of a JSON list, or of JSON lines, one after the other, in bounded memory.

The standard library's decoder reads one value at a known place of a text, in C. So only as much of
the file is held as one conversation needs: if the text ends inside a value, more is read and the
value is tried again. An event parser such as ijson is as fast, but bounds no single conversation,
takes a key that stands twice, and can't say where a file is wrong.
"""

import codecs
import json
import re
from collections.abc import Iterator
from typing import Any, NoReturn

from django.utils.translation import gettext as _

from collection.importers.format import Row, Unreadable
from collection.importers.limits import DEEPEST_JSON, LARGEST_CONVERSATION, MOST_BRACKETS

SPACE = re.compile(r"[ \t\r\n]*")
BYTE_ORDER_MARK = "\ufeff"
UTF_16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
CUT_TOKEN = re.compile(r"[\w.+-]{0,16}[ \t\r\n]*\Z")
"""What may stand at the end of a text that was cut inside a number, a word or an escape."""


class _Twice(ValueError):
    """A key stands twice in one object."""


class _NoNumber(ValueError):
    """NaN or an infinity, which JSON does not know."""


def rows_in(chunks: Iterator[bytes]) -> Iterator[Row]:
    """The objects of a file, in order; raises Unreadable, which says what is wrong and where."""
    text = _Text(chunks)
    first = text.peek()
    if not first:
        raise Unreadable(_("The file is empty."))
    if first not in "[{":
        _refuse_other(text)
    found = _listed(text) if first == "[" else _in_a_row(text)
    for number, value in enumerate(found, start=1):
        if not isinstance(value, dict):
            raise Unreadable(_at(number, _("this is not a conversation.")))
        if is_deeper(value, DEEPEST_JSON):
            raise Unreadable(_at(number, _too_deep()))
        yield value


def _listed(text: "_Text") -> Iterator[Any]:
    """The elements of a list; nothing may follow it."""
    text.skip()
    number = 1
    mark = text.peek()
    while mark != "]":
        yield text.value(number)
        number += 1
        mark = text.peek()
        if mark == ",":
            text.skip()
        elif mark != "]":
            text.refuse(number, mark)
    text.skip()
    if mark := text.peek():
        text.refuse(number, mark)


def _in_a_row(text: "_Text") -> Iterator[Any]:
    """Objects with nothing but space between them."""
    number = 1
    while text.peek():
        yield text.value(number)
        number += 1


class _Text:
    """The part of a file that is being read, as text."""

    def __init__(self, chunks: Iterator[bytes]) -> None:
        self._chunks = chunks
        self._decoder = codecs.getincrementaldecoder("utf-8")("strict")
        self._bytes = 0
        self._held = ""
        self._place = 0
        self._let_go = 0
        self._is_over = False
        self._more(1)
        self._held = self._held.removeprefix(BYTE_ORDER_MARK)

    def peek(self) -> str:
        """The next character that is no space; empty at the end."""
        while True:
            space = SPACE.match(self._held, self._place)
            self._place = space.end() if space else self._place
            if self._place < len(self._held):
                return self._held[self._place]
            if self._is_over:
                return ""
            self._more(1)

    def skip(self) -> None:
        """Go past a character."""
        self._place += 1

    def begins(self) -> str:
        """What is held, to tell what kind of file it is."""
        return self._held[:1000]

    def value(self, number: int) -> Any:
        """The JSON value that begins here."""
        self.peek()
        while True:
            try:
                value, self._place = DECODER.raw_decode(self._held, self._place)
                return value
            except json.JSONDecodeError as error:
                self._read_on(number, error)
            except RecursionError:
                raise Unreadable(_at(number, _too_deep())) from None
            except _Twice:
                raise Unreadable(_at(number, _("a key stands twice in one object."))) from None
            except ValueError:
                reason = _("it holds a number that cannot be read, such as NaN.")
                raise Unreadable(_at(number, reason)) from None

    def _read_on(self, number: int, error: json.JSONDecodeError) -> None:
        """Hold more of the file, unless the fault has nothing to do with where the text ends."""
        is_cut = error.msg.startswith("Unterminated") or CUT_TOKEN.match(self._held, error.pos)
        if not is_cut:
            self.refuse(number, self._held[error.pos], error.pos)
        if self._is_over:
            self.refuse(number, "")
        held = len(self._held) - self._place
        brackets = self._held.count("[") + self._held.count("{")
        if held > LARGEST_CONVERSATION or brackets > MOST_BRACKETS:
            raise Unreadable(_at(number, _("it is larger than one conversation may be.")))
        self._more(held)

    def refuse(self, number: int, mark: str, place: int | None = None) -> NoReturn:
        """Say that the file ends too early, or what stands where it should not."""
        if not mark:
            raise Unreadable(
                _at(number, _("the file ends in the middle. It may not have been saved whole."))
            )
        where = self._let_go + (self._place if place is None else place) + 1
        reason = _("this is not valid JSON (character %(where)s of the file).")
        raise Unreadable(_at(number, reason % {"where": f"{where:,}"}))

    def _more(self, least: int) -> None:
        """Let go of what was read, and hold at least so many characters more."""
        parts = [self._held[self._place :]]
        self._let_go += self._place
        self._place = 0
        gained = 0
        while gained < least and not self._is_over:
            chunk = next(self._chunks, b"")
            self._is_over = not chunk
            parts.append(self._decoded(chunk))
            gained += len(parts[-1])
        self._held = "".join(parts)

    def _decoded(self, chunk: bytes) -> str:
        waiting = len(self._decoder.getstate()[0])
        try:
            text = self._decoder.decode(chunk, final=self._is_over)
        except UnicodeDecodeError as error:
            if not self._bytes and _is_no_text(chunk):
                raise Unreadable(
                    _("This is not an export: it is neither a zip nor text.")
                ) from None
            where = self._bytes - waiting + error.start + 1
            sentence = _("Byte %(where)s of the file is not UTF-8 text.")
            raise Unreadable(sentence % {"where": f"{where:,}"}) from None
        self._bytes += len(chunk)
        return text


def _is_no_text(chunk: bytes) -> bool:
    """Does a file that is not UTF-8 begin like neither JSON nor another encoding of text?"""
    return not chunk.startswith(UTF_16) and chunk.lstrip()[:1] not in (b"[", b"{")


def is_deeper(value: Any, most: int) -> bool:
    """Do objects and lists stand deeper in one another than `most` levels?"""
    level = [value]
    for _level in range(most):
        level = [
            child
            for one in level
            for child in (one.values() if type(one) is dict else one)
            if type(child) is dict or type(child) is list
        ]
        if not level:
            return False
    return True


def _refuse_other(text: _Text) -> NoReturn:
    """The file begins like neither a list nor an object."""
    if text.begins().lstrip().startswith("<"):
        raise Unreadable(
            _(
                "This is a web page, not an export. Choose the zip you were sent, "
                "or conversations.json in it."
            )
        )
    raise Unreadable(_("This file is neither a zip nor JSON."))


def _at(number: int, reason: str) -> str:
    place = _("Conversation %(number)s of the file: %(reason)s")
    return place % {"number": f"{number:,}", "reason": reason}


def _too_deep() -> str:
    return _("its parts stand too deep inside one another.")


def _each_key_once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise _Twice
    return found


def _no_number(name: str) -> NoReturn:
    raise _NoNumber(name)


DECODER = json.JSONDecoder(object_pairs_hook=_each_key_once, parse_constant=_no_number)
