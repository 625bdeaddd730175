"""Is this value an answer to that question: one check per kind, for people and programs alike."""

import math
from collections.abc import Callable
from decimal import Decimal
from itertools import pairwise
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from annotation.rubrics.document import MAX_ENTRY, MAX_ITEMS, MAX_TEXT, Question


def check_value(question: Question, value: Any, length: int | None) -> Any:
    """The value as it is stored; ValidationError with a sentence if it is not an answer.

    Booleans stay bool, options their value, sliders a float on their grid, spans sorted
    `[start, end]` pairs in code points within `length`; line ends become line feeds, and the
    entries of a list lose outer white space and empty ones.
    """
    return CHECKS[question.kind](question, value, length)


def is_no_answer(question: Question, value: Any) -> bool:
    """A blank text says nothing; neither does an empty list where none was required."""
    if question.kind == "text":
        return isinstance(value, str) and not value.strip()
    if question.kind in ("list", "spans"):
        return isinstance(value, list) and not value and not question.required
    return False


def _boolean(question: Question, value: Any, length: int | None) -> bool:
    if not isinstance(value, bool):
        raise ValidationError(_("Answer yes or no (true or false)."))
    return value


def _option(question: Question, value: Any, length: int | None) -> str:
    values = [option.value for option in question.options]
    if not isinstance(value, str) or value not in values:
        raise ValidationError(_("Choose one of: ") + ", ".join(values) + ".")
    return value


def _slider(question: Question, value: Any, length: int | None) -> float:
    low, high, step = question.min or 0.0, question.max or 0.0, question.step or 1.0
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    if not is_number or not (low <= value <= high):  # comparing with NaN is false too
        raise ValidationError(_("Give a number from %s to %s.") % (f"{low:g}", f"{high:g}"))
    count = round((value - low) / step)
    # Decimals of the written numbers: 3 * 0.1 is not 0.3 in binary fractions.
    on_grid = float(Decimal(str(low)) + count * Decimal(str(step)))
    if not math.isclose(on_grid, value, rel_tol=0, abs_tol=step * 1e-6):
        raise ValidationError(
            _("Give a number in steps of %s from %s.") % (f"{step:g}", f"{low:g}")
        )
    return on_grid


def _clean_text(value: Any, limit: int) -> str:
    if not isinstance(value, str):
        raise ValidationError(_("Answer with a text."))
    if "\x00" in value:
        raise ValidationError(_("The text holds a NUL character, which cannot be stored."))
    if any("\ud800" <= character <= "\udfff" for character in value):
        raise ValidationError(_("The text holds half a character (a lone surrogate)."))
    text = value.replace("\r\n", "\n").replace("\r", "\n")
    if len(text) > limit:
        raise ValidationError(_("The text is longer than %s characters.") % limit)
    return text


def _text(question: Question, value: Any, length: int | None) -> str:
    return _clean_text(value, question.max_length or MAX_TEXT)


def _list(question: Question, value: Any, length: int | None) -> list[str]:
    if not isinstance(value, list):
        raise ValidationError(_("Answer with a list of texts."))
    _check_count(question, value)
    entries = [_entry(question, entry) for entry in value]
    return [entry for entry in entries if entry]


def _entry(question: Question, value: Any) -> str:
    entry = _clean_text(value, question.max_length or MAX_ENTRY).strip()
    if "\n" in entry:
        raise ValidationError(_("One entry of a list cannot hold a line break."))
    return entry


def _check_count(question: Question, value: list[Any]) -> None:
    limit = question.max_items or MAX_ITEMS
    if len(value) > limit:
        raise ValidationError(_("Give at most %s.") % limit)


def _spans(question: Question, value: Any, length: int | None) -> list[list[int]]:
    if not isinstance(value, list) or not all(_is_span(span) for span in value):
        raise ValidationError(
            _("Give each span as its start and its end, 0 or more, the end after the start.")
        )
    _check_count(question, value)
    spans = sorted([int(start), int(end)] for start, end in value)
    if length is not None and any(end > length for _start, end in spans):
        raise ValidationError(_("A span ends after the text, which has %s characters.") % length)
    if any(after[0] < before[1] for before, after in pairwise(spans)):
        raise ValidationError(_("Two spans overlap."))
    return spans


def _is_span(span: Any) -> bool:
    if not isinstance(span, list | tuple) or len(span) != 2:
        return False
    start, end = span
    return type(start) is int and type(end) is int and 0 <= start < end < 2**31


CHECKS: dict[str, Callable[[Question, Any, int | None], Any]] = {
    "boolean": _boolean,
    "choice": _option,
    "ordinal": _option,
    "pairwise": _option,
    "slider": _slider,
    "spans": _spans,
    "text": _text,
    "list": _list,
}
