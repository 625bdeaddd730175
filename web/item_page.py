"""An item as its raters saw it, with everybody's latest answers, for a researcher."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.safestring import SafeString

from annotation.agreement.answers import label_of
from annotation.models import Item, Judgment, RubricVersion, TaskItem
from annotation.rubric_versions import rubric_at
from annotation.rubrics.document import Rubric
from annotation.rubrics.sides import as_shown
from annotation.screens import ShownItem, judge_screen
from studies.models import Study
from web.markdown.showing import shown
from web.plain_names import Labels, labels_in, letters_of, named
from web.spans import FormattedTurn, formatted_turns


@dataclass(frozen=True, slots=True)
class Said:
    """One answer in the item's own order."""

    key: str
    of: str
    """The response or statement it is about; empty for the item itself."""
    text: str
    shown_as: str
    """What the rater read and chose, where they saw the responses the other way round."""


@dataclass(frozen=True, slots=True)
class Given:
    """One rater's latest answers to the item."""

    rater: str
    role: str
    arm: str
    is_swapped: bool
    """Did they see the item's second response as A?"""
    answers: list[Said]
    comment: str
    flag: str


@dataclass(frozen=True, slots=True)
class ItemPage:
    """What stands on the page."""

    item: Item
    attribute: str
    prompt: str
    turns: list[FormattedTurn]
    responses: list[tuple[str, SafeString]]
    """Each response's name and text, in the item's own order."""
    is_lettered: bool
    """Do answers speak of A and B?"""
    given: list[Given]


def item_page(item: Item) -> ItemPage:
    """As it stands in the first task that shows it, in its own order."""
    entry = TaskItem.objects.filter(item=item).select_related(
        "task__study", "task__conversation", "task__prompt"
    ).order_by("task__is_implicit", "pk").first()  # fmt: skip
    screen = judge_screen(entry.task, is_swapped=False) if entry else None
    one = next((each for each in screen.items if each.ref == item.ref), None) if screen else None
    spans = [(1, span) for span in one.evidence] if one else []
    letters = letters_of(item)
    return ItemPage(
        item=item,
        attribute=item.attribute.text if item.attribute else "",
        prompt=item.prompt.text if item.prompt else "",
        turns=formatted_turns(screen.turns, spans) if screen else [],
        responses=_responses(one, letters),
        is_lettered=bool(letters),
        given=[_given(row, item.study, letters) for row in _judgments(item)],
    )


def _responses(one: ShownItem | None, letters: Labels) -> list[tuple[str, SafeString]]:
    rows = one.responses if one else ()
    return [(named(letters, row.ref), shown(row.text)) for row in rows]


def _judgments(item: Item) -> list[Judgment]:
    rows = Judgment.objects.filter(item=item).latest_revisions().select_related("rater")
    return list(rows.order_by("role", "rater__ref", "arm", "is_swapped", "sample"))


def _given(judgment: Judgment, study: Study, letters: Labels) -> Given:
    return Given(
        rater=judgment.rater.ref,
        role=judgment.role,
        arm=judgment.arm,
        is_swapped=judgment.is_swapped and bool(letters),
        answers=list(_said(judgment, study, letters)),
        comment=judgment.comment,
        flag=judgment.get_flag_display() if judgment.flag else "",
    )


def _said(judgment: Judgment, study: Study, letters: Labels) -> Iterator[Said]:
    rubric = _rubric_of(judgment)
    labels = labels_in(rubric, study.languages[0]) if rubric else {}
    given = judgment.answers or {}
    pressed = as_shown(rubric, given, judgment.is_swapped) if rubric else given
    for key, value in given.items():
        own = labels.get(key, {})
        lines = zip(_texts(value, own), _texts(pressed[key], own), strict=True)
        for (target, text), (_, seen) in sorted(lines, key=lambda two: _place(two[0][0], letters)):
            yield Said(key, named(letters, target), text, seen if seen != text else "")


def _rubric_of(judgment: Judgment) -> Rubric | None:
    try:
        return rubric_at(judgment.study_id, judgment.stage, judgment.rubric_version)
    except RubricVersion.DoesNotExist:
        return None


def _place(target: str, letters: Labels) -> int:
    """Responses in the item's own order, all else as it was given."""
    return list(letters).index(target) if target in letters else 0


def _texts(value: Any, labels: Labels, target: str = "") -> Iterator[tuple[str, str]]:
    """With what each is about: options by their labels, all else as it was given."""
    if isinstance(value, Mapping):
        for one, answer in value.items():
            yield from _texts(answer, labels, one)
    elif isinstance(value, list):
        yield from ((target, named(labels, label_of(each))) for each in value)
    elif value is not None:
        yield target, named(labels, label_of(value))
