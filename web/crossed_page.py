"""Two raters' answers crossed, as a page shows them: a table of counts, and items to open."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from annotation.agreement.units import Facts, item_of
from annotation.queries import question_of, rubric_in_force
from studies.models import Study
from web.agreement_page import Chosen, material_for

if TYPE_CHECKING:
    # Needs numpy, which most visits never do.
    from annotation.agreement.crossed import Crossed

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
class CrossedPage:
    """A table of both raters' answers, and the items chosen from it."""

    wording: str
    crossed: "Crossed"
    table: list[tuple[str, list[Met]]]
    rows: list[tuple[str, str, str, str]]
    """Item's ref, target's ref if any, and both answers."""
    query: str
    """Of the page with what was chosen from the table."""
    whole: str
    """Of the page with nothing chosen."""


def crossed_page(study: Study, stage: str, chosen: Chosen, asked: Mapping[str, str]) -> CrossedPage:
    """Raises ValidationError where a rater or a question does not exist."""
    question = question_of(rubric_in_force(study, stage), chosen.question)
    policies = {name: chosen.options[name] for name in POLICIES if name in chosen.options}
    material = material_for(study, stage, chosen)
    found = material.crossed(question, asked.get("a", ""), asked.get("b", ""), **policies)
    given, other = asked.get("given", ""), asked.get("other", "")
    whole = chosen.query(a=found.one, b=found.other)
    return CrossedPage(
        wording=question.worded("peer", study.languages[0]),
        crossed=found,
        table=_table(found, whole, (given, other)),
        rows=[_row(material.facts, *each) for each in found.chosen(given, other)],
        query=f"{whole}&{urlencode({'given': given, 'other': other})}",
        whole=whole,
    )


def _table(found: "Crossed", whole: str, chosen: tuple[str, str]) -> list[tuple[str, list[Met]]]:
    most = max((len(units) for units in found.units.values()), default=1)
    return [
        (one, [_met(found, one, other, whole, chosen, most) for other in found.labels])
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
