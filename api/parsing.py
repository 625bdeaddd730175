"""Reading what programs send: a study document as YAML, judgments, small bodies."""

from collections.abc import Collection, Mapping
from typing import IO, Any

from django.core.exceptions import ValidationError
from rest_framework.exceptions import ParseError
from rest_framework.parsers import BaseParser, JSONParser

from annotation.actions.judgments import Entry
from annotation.choices import Stage
from releases.bundle.lines import Refused, decoded
from studies.document import LONGEST_DOCUMENT, read_document

NUMBER = ((int, float, type(None)), "a number")
TEXT = ((str,), "a text")
BESIDE_ANSWERS: dict[str, tuple[tuple[type, ...], str]] = {
    "seconds": NUMBER,
    "idle_seconds": NUMBER,
    "pasted": ((int, type(None)), "a whole number"),
    "comment": TEXT,
    "flag": TEXT,
}
"""What may stand beside an item's answers."""


class StrictJSONParser(JSONParser):
    """JSON that can be stored: UTF-8, no NaN, no key twice, no NUL, no half of a character."""

    def parse(
        self,
        stream: IO[bytes],
        media_type: str | None = None,
        parser_context: Mapping[str, Any] | None = None,
    ) -> Any:
        """The value; what cannot be stored is named with its place."""
        try:
            return decoded(stream.read())
        except Refused as refusal:
            if refusal.field:
                raise ValidationError({refusal.field: f"This {refusal}."}) from None
            raise ParseError(f"The body {refusal}.") from None


class YAMLParser(BaseParser):
    """A study document as YAML."""

    media_type = "application/yaml"

    def parse(
        self,
        stream: IO[bytes],
        media_type: str | None = None,
        parser_context: Mapping[str, Any] | None = None,
    ) -> dict[str, Any]:
        """The document; faults are named with their lines."""
        try:
            text = stream.read(LONGEST_DOCUMENT + 1).decode("utf-8")
        except UnicodeDecodeError as error:
            raise ParseError(f"The document is not UTF-8: byte {error.start}.") from error
        return read_document(text)


def check_keys(body: Any, known: frozenset[str]) -> None:
    """A key that nobody reads is most likely a slip."""
    unknown = set(body) - known if isinstance(body, dict) else set()
    if unknown:
        key = sorted(unknown)[0]
        raise ValidationError({key: f"Unknown key “{key}”; known: {', '.join(sorted(known))}."})


def text_in(body: Any, name: str, *, default: str | None = None, longest: int = 200) -> str:
    """A text of the body; ValidationError where it is missing, too long or no text."""
    value = _value_in(body, name, default)
    if not isinstance(value, str) or len(value) > longest or "\x00" in value:
        raise ValidationError({name: f"This must be a text of at most {longest} characters."})
    return value


def texts_in(body: Any, name: str, *, most: int = 100, longest: int = 200) -> list[str]:
    """A list of texts of the body; empty where there is none."""
    value = _value_in(body, name, [])
    if not isinstance(value, list) or len(value) > most:
        raise ValidationError({name: f"This must be a list of at most {most} texts."})
    return [text_in({name: one}, name, longest=longest) for one in value]


def whole_number_in(body: Any, name: str) -> int:
    """A whole number of the body, from 0."""
    value = _value_in(body, name, None)
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value < 2**31:
        raise ValidationError({name: "This must be a whole number from 0."})
    return value


def truth_in(body: Any, name: str, *, default: bool = False) -> bool:
    """True or false of the body; the default where it is not said."""
    value = _value_in(body, name, default)
    if not isinstance(value, bool):
        raise ValidationError({name: "This must be true or false."})
    return value


def _value_in(body: Any, name: str, default: Any) -> Any:
    if not isinstance(body, dict):
        raise ValidationError("The body must be a JSON object.")
    if name not in body:
        if default is None:
            raise ValidationError({name: "This is missing."})
        return default
    return body[name]


def entries_in(body: Any) -> list[Entry]:
    """`judgments` of a submission."""
    rows = _value_in(body, "judgments", None)
    if not isinstance(rows, list):
        raise ValidationError({"judgments": "This must be a list."})
    return [_entry(row, position) for position, row in enumerate(rows)]


def _entry(row: Any, position: int) -> Entry:
    where = f"judgments.{position}"
    if not isinstance(row, dict) or not isinstance(row.get("item"), str):
        raise ValidationError({where: "Each judgment is an object with “item” and “answers”."})
    if not isinstance(row.get("answers"), dict):
        raise ValidationError({where: "“answers” must be an object of question keys."})
    for name, (kinds, sentence) in BESIDE_ANSWERS.items():
        value = row.get(name)
        if name in row and (isinstance(value, bool) or not isinstance(value, kinds)):
            raise ValidationError({where: f"“{name}” must be {sentence}."})
    unknown = set(row) - {"item", "answers", *BESIDE_ANSWERS}
    if unknown:
        raise ValidationError({where: f"Unknown key “{sorted(unknown)[0]}”."})
    return Entry(**row)


def stage_and_options(
    asked: Mapping[str, str], options: Collection[str]
) -> tuple[str, dict[str, str]]:
    """The stage that an address asks about, and those of the options that it names."""
    stage = asked.get("stage", "")
    if stage not in Stage.values:
        raise ValidationError({"stage": f"A stage is one of {', '.join(Stage.values)}."})
    return stage, {name: asked[name] for name in options if name in asked}
