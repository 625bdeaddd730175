"""Two raters' answers crossed, as a page shows them: a table of counts, and items to open."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias
from urllib.parse import urlencode

from annotation.agreement.units import Facts, item_of
from annotation.queries import question_of, rubric_in_force
from studies.models import Study
from web.agreement_page import Chosen, material_for
from web.plain_names import Labels, first_words, labels_in, letters_in, named

if TYPE_CHECKING:
    # Needs numpy, which most visits never do.
    from annotation.agreement.crossed import Crossed

Row: TypeAlias = tuple[str, str, str, str]
POLICIES = ("unusable", "orders", "samples")


@dataclass(frozen=True, slots=True)
class Met:
    """How often two answers met; `query` asks for the items."""

    count: int
    is_same: bool
    is_chosen: bool
    depth: int
    query: str


@dataclass(frozen=True, slots=True)
class Opened:
    """An item with how it begins, and both answers as raters read them."""

    ref: str
    target: str
    """What of it the answers are about, a response by its letter."""
    words: str
    one: str
    other: str
    is_same: bool
    is_lettered: bool
    """Do answers to it speak of A and B?"""


@dataclass(frozen=True, slots=True)
class CrossedPage:
    """A table of both raters' answers, and the items chosen from it."""

    wording: str
    crossed: "Crossed"
    heads: list[str]
    """The answers as raters read them."""
    labels: Labels
    table: list[tuple[str, list[Met]]]
    rows: list[Row]
    """Item's ref, target's ref if any, and both answers."""
    query: str
    """Of the page with what was chosen from the table."""
    whole: str
    """Of the page with nothing chosen."""


def crossed_page(study: Study, stage: str, chosen: Chosen, asked: Mapping[str, str]) -> CrossedPage:
    """Raises ValidationError where a rater or a question does not exist."""
    rubric = rubric_in_force(study, stage)
    question = question_of(rubric, chosen.question)
    labels = labels_in(rubric, study.languages[0])[question.key]
    policies = {name: chosen.options[name] for name in POLICIES if name in chosen.options}
    material = material_for(study, stage, chosen)
    found = material.crossed(question, asked.get("a", ""), asked.get("b", ""), **policies)
    given, other = asked.get("given", ""), asked.get("other", "")
    whole = chosen.query(a=found.one, b=found.other)
    return CrossedPage(
        wording=question.worded("peer", study.languages[0]),
        crossed=found,
        heads=[named(labels, label) for label in found.labels],
        labels=labels,
        table=_table(found, whole, (given, other), labels),
        rows=[_row(material.facts, *each) for each in found.chosen(given, other)],
        query=f"{whole}&{urlencode({'given': given, 'other': other})}",
        whole=whole,
    )


def opened(study: Study, page: CrossedPage, rows: Sequence[Row]) -> list[Opened]:
    """Some of its rows as they are read."""
    refs = {ref for ref, *_ in rows}
    words, letters = first_words(study, refs), letters_in(study, refs)
    return [
        Opened(
            ref=ref,
            target=named(letters.get(ref, {}), target),
            words=words.get(ref, ""),
            one=named(page.labels, one),
            other=named(page.labels, other),
            is_same=one == other,
            is_lettered=ref in letters,
        )
        for ref, target, one, other in rows
    ]


def _table(
    found: "Crossed", whole: str, chosen: tuple[str, str], labels: Labels
) -> list[tuple[str, list[Met]]]:
    most = max((len(units) for units in found.units.values()), default=1)
    return [
        (
            named(labels, one),
            [_met(found, one, other, whole, chosen, most) for other in found.labels],
        )
        for one in found.labels
    ]


def _met(
    found: "Crossed", one: str, other: str, whole: str, chosen: tuple[str, str], most: int
) -> Met:
    count = found.count(one, other)
    return Met(
        count=count,
        is_same=one == other,
        is_chosen=chosen == (one, other),
        depth=-(-4 * count // most),
        query=f"{whole}&{urlencode({'given': one, 'other': other})}",
    )


def _row(facts: Facts, unit: str, one: str, other: str) -> tuple[str, str, str, str]:
    item = item_of(facts, unit)
    return item, unit[len(item) + 1 :], one, other
