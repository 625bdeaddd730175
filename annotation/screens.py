"""What one rater sees on one screen: the same for a page, a program and a judge."""

import random
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import UUIDField

from annotation.blinding import blind_name
from annotation.choices import Stage
from annotation.models import Assignment, Item, Task, TaskItem
from annotation.rubric_versions import rubric_at, rubric_for_item, rubric_of
from annotation.rubrics.answers import ITEM, Targets
from annotation.rubrics.document import Rubric
from collection.models import Turn
from generation.models import Attribute, Evidence, GivenAttribute, Response
from work.statements import Given, Select

_SHOWN = ("attribute", "first", "second")
TASK_ITEMS: Select[TaskItem] = Select(
    TaskItem.objects.filter(task=Given("task", UUIDField()))
    .select_related("item__attribute", "item__first", "item__second")
    # Nobody is shown these, and each would be read as JSON.
    .defer(*(f"item__{name}__{field}" for name in _SHOWN for field in ("extra", "provenance")))
    .order_by("position")
)


@dataclass(frozen=True, slots=True)
class Span:
    """A part of a turn, in code points; `position` is the turn's in its conversation."""

    position: int
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class ShownItem:
    """One item as shown: with what it is about, and what its questions may be answered for."""

    item: Item
    purpose: str
    expected: Any
    rubric: Rubric
    targets: Targets
    attribute: Attribute | None
    evidence: tuple[Span, ...]
    responses: tuple[Response, ...]
    """In the order shown."""
    given: tuple[Attribute, ...]
    """Attributes a response's generator was given, when a question is asked about each."""

    @property
    def ref(self) -> str:
        """The item's outside name."""
        return self.item.ref

    @property
    def kind(self) -> str:
        """`missing`, `attribute`, `pair` or `responses`."""
        if self.item.is_about_what_is_missing:
            return "missing"
        kinds = {Stage.EXTRACTION: "attribute", Stage.RELEVANCE: "pair"}
        return kinds.get(Stage(self.item.stage), "responses")

    def as_json(self) -> dict[str, Any]:
        """As a program is given it."""
        shown: dict[str, Any] = {"id": self.ref, "kind": self.kind}
        if self.attribute:
            spans = [
                {"turn": span.position, "start": span.start, "end": span.end}
                for span in self.evidence
            ]
            shown["attribute"] = {
                "id": self.attribute.ref,
                "text": self.attribute.text,
                "evidence": spans,
            }
        if self.responses:
            shown["responses"] = [_blind(row) for row in self.responses]
        if self.given:
            shown["attributes"] = [_blind(row) for row in self.given]
        if self.kind == "missing":
            shown["rubric"] = self.rubric.model_dump(mode="json", exclude_defaults=True)
        return shown


def _blind(row: Response | Attribute) -> dict[str, str]:
    """Its words, under a name that tells nothing else."""
    return {"id": blind_name(row.ref), "text": row.text}


@dataclass(frozen=True, slots=True)
class Screen:
    """A task as one rater sees it."""

    task: Task
    role: str
    rubric: Rubric
    is_swapped: bool
    order: tuple[int, ...]
    """Positions of the task's items as shown."""
    turns: tuple[Turn, ...]
    items: tuple[ShownItem, ...]
    left_out: frozenset[str] = frozenset()
    """Refs of items that stood here until their owner asked to forget what they are about."""

    @property
    def stage(self) -> str:
        """The task's stage."""
        return self.task.stage

    def context_json(self) -> dict[str, Any]:
        """What the items are to be judged in the light of."""
        context: dict[str, Any] = {}
        if self.task.conversation:
            turns = [
                {"position": turn.position, "role": turn.role, "content": turn.content}
                for turn in self.turns
            ]
            context["conversation"] = {"id": self.task.conversation.ref, "turns": turns}
        if self.task.prompt:
            prompt = self.task.prompt
            context["prompt"] = {
                "id": prompt.ref,
                "text": prompt.text,
                "before": prompt.before,
                "type": prompt.type or None,
            }
        return context

    def as_json(self) -> dict[str, Any]:
        """Context, items and rubric, as a program is given them."""
        return {
            "stage": self.stage,
            "context": self.context_json(),
            "items": [item.as_json() for item in self.items],
            "rubric": self.rubric.model_dump(mode="json", exclude_defaults=True),
        }


def screen_of(assignment: Assignment, *, has_context: bool = True) -> Screen:
    """What the holder of a place sees. At most six queries, whatever the number of items.

    Without its context it has no turns, and costs less: enough to check answers.
    """
    return _screen(
        assignment.task,
        rubric=rubric_asked(assignment),
        role=assignment.role,
        is_swapped=assignment.is_swapped,
        seed=assignment.seed,
        order=assignment.order,
        has_context=has_context,
        forgets=getattr(assignment, "forgets", True),
    )


def judge_screen(task: Task, *, is_swapped: bool) -> Screen:
    """What a judge is shown: the same, in the task's own order."""
    rubric = rubric_of(task.study, task.stage)
    return _screen(task, rubric=rubric, role="llm", is_swapped=is_swapped, seed=None, order=[])


def rubric_asked(assignment: Assignment) -> Rubric:
    """The rubric in which its holder is asked; of a place that nobody holds, the one in force."""
    study, stage = assignment.task.study, assignment.stage
    if assignment.rubric_version is None:
        return rubric_of(study, stage)
    return rubric_at(study.pk, stage, assignment.rubric_version)


def shown_order(seed: int | None, count: int) -> list[int]:
    """The positions 0 … count - 1 as the seed shuffles them; unshuffled without one."""
    positions = list(range(count))
    if seed is not None:
        random.Random(seed).shuffle(positions)
    return positions


def _screen(
    task: Task,
    *,
    rubric: Rubric,
    role: str,
    is_swapped: bool,
    seed: int | None,
    order: Sequence[int],
    has_context: bool = True,
    forgets: bool = True,
) -> Screen:
    rows = TASK_ITEMS(task=task.pk)
    kept = _remembered(task, rows) if forgets else {row.item_id for row in rows}
    standing = {row.position: row.item_id for row in rows}
    drawn = list(order) or _drawn_order(rows, seed)
    # An item that was erased since stands there no more.
    positions = [position for position in drawn if standing.get(position) in kept]
    shown = dict(zip(standing, _shown_items(rows, rubric, is_swapped), strict=True))
    return Screen(
        task=task,
        role=role,
        rubric=rubric,
        is_swapped=is_swapped,
        order=tuple(positions),
        turns=_turns(task) if has_context else (),
        items=tuple(shown[position] for position in positions),
        left_out=frozenset(row.item.ref for row in rows if row.item_id not in kept),
    )


def _remembered(task: Task, rows: Sequence[TaskItem]) -> set[Any]:
    """Ids of the items that may still be shown."""
    items = [row.item for row in rows]
    if task.stage != Stage.RESPONSE:
        return {item.id for item in items if not (item.attribute and item.attribute.forgotten_at)}
    kept = Item.objects.remembered().filter(pk__in=[item.pk for item in items])
    return set(kept.values_list("pk", flat=True))


def _turns(task: Task) -> tuple[Turn, ...]:
    return tuple(task.conversation.turns_at(task.edition)) if task.conversation else ()


def _drawn_order(rows: Sequence[TaskItem], seed: int | None) -> list[int]:
    """Items are shuffled, but what is missing can only be asked after what is there."""
    drawn = [rows[index] for index in shown_order(seed, len(rows))]
    drawn.sort(key=lambda row: row.item.is_about_what_is_missing)
    return [row.position for row in drawn]


def _shown_items(rows: Sequence[TaskItem], rubric: Rubric, is_swapped: bool) -> list[ShownItem]:
    items = [row.item for row in rows]
    spans = _spans(item.attribute_id for item in items if item.stage == Stage.EXTRACTION)
    given = _given(items) if _asks_per(rubric, "attribute") else {}
    return [
        _shown_item(
            row,
            rubric=rubric_for_item(row.item, rubric),
            is_swapped=is_swapped,
            evidence=spans.get(row.item.attribute_id, ()),
            given=given.get(row.item.id, ()),
        )
        for row in rows
    ]


def _asks_per(rubric: Rubric, target: str) -> bool:
    return any(question.per == target for question in rubric.questions)


def _shown_item(
    row: TaskItem,
    *,
    rubric: Rubric,
    is_swapped: bool,
    evidence: Iterable[Span],
    given: Iterable[Attribute],
) -> ShownItem:
    responses = [response for response in (row.item.first, row.item.second) if response]
    if is_swapped:
        responses.reverse()
    attributes = tuple(given)
    return ShownItem(
        item=row.item,
        purpose=row.purpose,
        expected=row.expected,
        rubric=rubric,
        targets=Targets(
            responses=tuple(response.ref for response in responses),
            attributes=tuple(attribute.ref for attribute in attributes),
            texts=_texts(row.item.attribute, (*responses, *attributes)),
            names={
                ref: blind_name(ref)
                for ref in [row.ref for row in responses] + [row.ref for row in attributes]
            },
        ),
        attribute=row.item.attribute,
        evidence=tuple(evidence),
        responses=tuple(responses),
        given=attributes,
    )


def _texts(attribute: Attribute | None, rows: Iterable[Response | Attribute]) -> dict[str, str]:
    """The texts in which something may be marked, by place: the item's is its statement."""
    texts = {row.ref: row.text for row in rows}
    return {ITEM: attribute.text, **texts} if attribute else texts


def _spans(attribute_ids: Iterable[Any]) -> dict[Any, list[Span]]:
    wanted = [pk for pk in attribute_ids if pk]
    spans: dict[Any, list[Span]] = defaultdict(list)
    if wanted:
        rows = Evidence.objects.filter(attribute__in=wanted, turn__isnull=False)
        columns = ("attribute_id", "turn__position", "start", "end")
        for attribute_id, position, start, end in rows.values_list(*columns).order_by(*columns):
            spans[attribute_id].append(Span(position, start or 0, end or 0))
    return spans


def _given(items: Sequence[Item]) -> dict[Any, list[Attribute]]:
    """The attributes that the generator of either response was given, each once."""
    owners = {
        response_id: item.id
        for item in items
        for response_id in (item.first_id, item.second_id)
        if response_id
    }
    rows = GivenAttribute.objects.filter(response__in=owners).select_related("attribute")
    given: dict[Any, dict[Any, Attribute]] = defaultdict(dict)
    for row in rows.order_by("position", "id"):
        given[owners[row.response_id]].setdefault(row.attribute_id, row.attribute)
    return {item_id: list(attributes.values()) for item_id, attributes in given.items()}
