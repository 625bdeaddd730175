"""What a browser posts for a question, as the value a program would send, and back."""

import re
from decimal import Decimal
from typing import Any

from annotation.rubrics.document import Question
from annotation.rubrics.passages import read_spans, write_spans

UNANSWERED = None
"""What `posted_value` gives where nothing was filled in."""

NUMBER = re.compile(r"[+-]?[0-9]{1,30}(\.[0-9]{1,30})?")


def posted_value(question: Question, text: object, passage: str | None = None) -> Any:
    """The value in a posted field; what cannot be read stays text, for `check_value` to refuse.

    `passage` is the text from which words may be quoted. Raises ValidationError with a sentence
    if they do not stand there.
    """
    if not isinstance(text, str):
        return UNANSWERED
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    if question.kind in ("list", "spans"):
        return _lines_value(question, text, passage)
    if question.kind == "text":
        return text if text.strip() else UNANSWERED
    stripped = text.strip()
    if not stripped:
        return UNANSWERED
    if question.kind == "boolean":
        return {"true": True, "false": False}.get(stripped, stripped)
    if question.kind == "slider":
        return float(stripped) if NUMBER.fullmatch(stripped) else stripped
    return text


def field_text(question: Question, value: Any, passage: str | None = None) -> Any:
    """The text of a field that posts this value: the inverse of `posted_value`."""
    if question.kind == "boolean" and isinstance(value, bool):
        return "true" if value else "false"
    if question.kind == "slider" and isinstance(value, float):
        return decimal_text(value)
    if question.kind == "list" and isinstance(value, list):
        return "\n".join(value)
    if question.kind == "spans" and isinstance(value, list):
        return write_spans(value, passage)
    return value


def decimal_text(number: float) -> str:
    """The number as people write it, without exponent and without a useless `.0`."""
    text = f"{Decimal(repr(number)):f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def _lines_value(question: Question, text: str, passage: str | None) -> Any:
    """One entry or span per line. An empty field means "none" where an answer is required."""
    lines = [line.strip() for line in text.split("\n") if line.strip()]
    if not lines and not question.required:
        return UNANSWERED
    return lines if question.kind == "list" else read_spans(text, passage)
