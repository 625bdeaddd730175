"""What somebody filled in, shown on a page that could not store it, so that it can be copied."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from textwrap import shorten

from django.forms import Form
from django.http import QueryDict
from django.utils.translation import gettext as _

from web.task_page import Card, TaskPage, asked

UNSHOWN = {
    "csrfmiddlewaretoken", "assignment", "fence", "key", "action", "version", "known",
    "skip-reason",
}  # fmt: skip
MEASURED = ("-seconds", "-idle_seconds", "-pasted")
OF_AN_ITEM = re.compile(r"item(?P<number>\d+)-(?P<rest>.+)", re.DOTALL)
MOST_LINES = 200
LONGEST_LABEL = 80


@dataclass(frozen=True, slots=True)
class KeptWords:
    """One field: what it was for, and what stood in it."""

    label: str
    text: str


def kept_words(
    posted: Mapping[str, str] | QueryDict, page: TaskPage | None = None
) -> list[KeptWords]:
    """Everything that was answered or written; what it was about only where the page is theirs."""
    known = _known_of(page) if page else {}
    filled = [
        known[name].of(str(text)) if name in known else KeptWords(label_of(name), str(text))
        for name, text in posted.items()
        if name not in UNSHOWN and not name.endswith(MEASURED) and str(text).strip()
    ]
    return filled[:MOST_LINES]


@dataclass(frozen=True, slots=True)
class _Known:
    label: str
    options: Mapping[str, str]

    def of(self, text: str) -> KeptWords:
        return KeptWords(self.label, self.options.get(text, text))


def _known_of(page: TaskPage) -> dict[str, _Known]:
    """The page's fields by name, as their readers saw them."""
    known: dict[str, _Known] = {}
    for card in page.cards:
        about = _about(card) if len(page.cards) > 1 else ""
        questions = {name: asked(card.form, name) for name in card.form.fields}
        beside = {name: str(card.aside[name].label) for name in card.aside.fields}
        known |= _fields(card.form, questions, about) | _fields(card.aside, beside, about)
    return known


def _fields(form: Form, labels: Mapping[str, str], about: str) -> dict[str, _Known]:
    choices = {name: getattr(form.fields[name].widget, "choices", []) for name in labels}
    return {
        form.add_prefix(name): _Known(
            f"{about}{label}", {str(value): str(said) for value, said in choices[name]}
        )
        for name, label in labels.items()
    }


def _about(card: Card) -> str:
    statement = card.shown.attribute.text if card.shown.attribute else _("What is missing?")
    return f"{card.number}. {shorten(statement, LONGEST_LABEL)} — "


def label_of(name: str) -> str:
    """What a field was for, as its name tells."""
    found = OF_AN_ITEM.fullmatch(name)
    words = f"{found['number']} · {found['rest']}" if found else name
    return words.replace("_", " ").replace("-", " ")[:LONGEST_LABEL]
