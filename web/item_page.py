"""An item as its raters saw it, with everybody's latest answers, for a researcher."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.safestring import SafeString

from annotation.agreement.answers import label_of
from annotation.models import Item, Judgment, TaskItem
from annotation.screens import ShownItem, judge_screen
from studies.models import Study
from web.markdown.showing import shown
from web.plain_names import Labels, labels_at, named
from web.spans import FormattedTurn, formatted_turns

Answers = list[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Given:
    """One rater's latest answers to the item."""

    rater: str
    role: str
    arm: str
    is_swapped: bool
    answers: Answers
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
    """Each response's ref and text, in the item's own order."""
    given: list[Given]


def item_page(item: Item) -> ItemPage:
    """As it stands in the first task that shows it, in its own order."""
    entry = TaskItem.objects.filter(item=item).select_related(
        "task__study", "task__conversation", "task__prompt"
    ).order_by("task__is_implicit", "pk").first()  # fmt: skip
    screen = judge_screen(entry.task, is_swapped=False) if entry else None
    one = next((each for each in screen.items if each.ref == item.ref), None) if screen else None
    spans = [(1, span) for span in one.evidence] if one else []
    return ItemPage(
        item=item,
        attribute=item.attribute.text if item.attribute else "",
        prompt=item.prompt.text if item.prompt else "",
        turns=formatted_turns(screen.turns, spans) if screen else [],
        responses=_responses(one),
        given=[_given(row, item.study) for row in _judgments(item)],
    )


def _responses(one: ShownItem | None) -> list[tuple[str, SafeString]]:
    return [(row.ref, shown(row.text)) for row in one.responses] if one else []


def _judgments(item: Item) -> list[Judgment]:
    rows = Judgment.objects.filter(item=item).latest_revisions().select_related("rater")
    return list(rows.order_by("role", "rater__ref", "arm", "is_swapped", "sample"))


def _given(judgment: Judgment, study: Study) -> Given:
    labels = labels_at(study, judgment.stage, judgment.rubric_version)
    answers: Answers = [
        (key, text)
        for key, value in (judgment.answers or {}).items()
        for text in _texts(value, labels.get(key, {}))
    ]
    return Given(
        rater=judgment.rater.ref,
        role=judgment.role,
        arm=judgment.arm,
        is_swapped=judgment.is_swapped,
        answers=answers,
        comment=judgment.comment,
        flag=judgment.get_flag_display() if judgment.flag else "",
    )


def _texts(value: Any, labels: Labels) -> list[str]:
    """Options by their labels, all else as it was given."""
    if isinstance(value, Mapping):
        return [
            f"{target}: {text}"
            for target, answer in value.items()
            for text in _texts(answer, labels)
        ]
    if isinstance(value, list):
        return [named(labels, label_of(each)) for each in value]
    return [] if value is None else [named(labels, label_of(value))]
