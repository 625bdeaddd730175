"""The parts of a task's page that are the same on many pages, rendered once per process.

A form is rendered field by field, each from templates within templates: of a page with ten items
that is nine tenths of the work. Before anything is filled in, a card's questions differ by rubric,
role, language and number only.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from django.template.loader import render_to_string
from django.utils.safestring import SafeString
from django.utils.translation import get_language

from annotation.rubrics.answers import Targets
from annotation.rubrics.document import Rubric
from annotation.rubrics.forms import answer_form
from web.task_forms import AsideForm, SkipForm

MOST_KEPT = 2_000
"""Of a few kilobytes each."""


@dataclass(frozen=True, slots=True)
class Sheet:
    """An item's questions as they are shown."""

    html: SafeString
    shortcuts: frozenset[str]
    """The keys on the keyboard that its options have."""
    marked: Mapping[str, str]
    """What is to be marked in each response: the question's key → its wording."""


class Same:
    """A thing that equals itself alone: what is parsed once per process need not be compared."""

    __slots__ = ("thing",)

    def __init__(self, thing: Rubric) -> None:
        self.thing = thing

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Same) and self.thing is other.thing

    def __hash__(self) -> int:
        return id(self.thing)


def blank_sheet(
    rubric: Rubric,
    *,
    role: str,
    languages: tuple[str, str],
    sides: int,
    number: int,
    keys: Sequence[str] | None,
) -> Sheet:
    """The questions of an item with nothing answered.

    `languages`: the one wanted, and the study's first. `sides` is the number of its responses, of
    which a form tells nothing but A and B. `keys` limits it to one step of the rubric.
    """
    step = None if keys is None else tuple(keys)
    return _blank(Same(rubric), role, languages, sides, number, step, get_language() or "")


@lru_cache(maxsize=MOST_KEPT)
def _blank(
    rubric: Same,
    role: str,
    languages: tuple[str, str],
    sides: int,
    number: int,
    keys: tuple[str, ...] | None,
    _shown_in: str,
) -> Sheet:
    form = answer_form(
        rubric.thing,
        role=role,
        language=languages[0],
        targets=Targets(responses=tuple(str(side) for side in range(sides))),
        swapped=False,
        prefix=f"item{number}-",
        first_language=languages[1],
        keys=keys,
    )
    return Sheet(form.render(), form.shortcuts, form.marked_in_responses)


def blank_aside(number: int, key: str) -> SafeString:
    """Flag and comment, nothing written yet; `key` opens them."""
    return _aside(number, key, get_language() or "")


@lru_cache(maxsize=MOST_KEPT)
def _aside(number: int, key: str, _shown_in: str) -> SafeString:
    return aside_of(AsideForm(prefix=f"item{number}"), key)


def aside_of(form: AsideForm, key: str) -> SafeString:
    """Flag and comment as they stand."""
    return render_to_string("judge/aside.html", {"form": form, "key": key})


def blank_skip(key: str) -> SafeString:
    """Why somebody skips a task, nothing chosen yet; `key` opens it."""
    return _skip(key, get_language() or "")


@lru_cache(maxsize=MOST_KEPT)
def _skip(key: str, _shown_in: str) -> SafeString:
    return skip_of(SkipForm(prefix="skip"), key)


def skip_of(form: SkipForm, key: str) -> SafeString:
    """The same as it stands."""
    return render_to_string("judge/skip.html", {"form": form, "key": key})
