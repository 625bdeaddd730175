"""Answers as people read them: labels of options, words that were marked, texts as they are."""

from typing import Any, NamedTuple

from django.utils.translation import gettext as _

from annotation.rubrics.document import Question


class Tongue(NamedTuple):
    """In which language something is said, and which stands in for it."""

    language: str
    first_language: str = ""


def in_words(question: Question, value: Any, tongue: Tongue, text: str = "") -> str:
    """One answer to a question about one thing, whose `text` marked words are cut from."""
    if question.kind == "spans":
        return " … ".join(text[start:end] for start, end in value)
    if isinstance(value, list):
        return " · ".join(in_words(question, one, tongue) for one in value)
    if isinstance(value, bool):
        return _("Yes") if value else _("No")
    labels = {option.value: option.labelled(*tongue) for option in question.options}
    return labels.get(value, str(value))
