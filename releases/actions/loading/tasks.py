"""Loading tasks, and making a task of its own for each item that came without one."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any, NamedTuple
from uuid import UUID

from django.db import models
from django.db.models import Exists, Max, OuterRef

from annotation.choices import Purpose
from annotation.models import Item, Task, TaskItem
from collection.models import Conversation, Turn
from generation.models import Attribute, Evidence, Prompt, Response
from releases.actions.loading.load import Entry, Load, needed, optional
from releases.bundle.lines import Refused
from releases.bundle.purposes import purpose_by_items
from releases.bundle.records import TaskRecord
from studies.bulk import Row, insert, new_id
from studies.lookups import among
from studies.models import Participant
from studies.refs import new_ref

TASK = (
    "id", "study_id", "ref", "stage", "subject_id", "conversation_id", "edition", "prompt_id",
    "purpose", "is_implicit", "extra",
)  # fmt: skip
TASK_ITEM = ("task_id", "item_id", "position", "purpose", "expected")
ITEMS_AT_A_TIME = 2_000
ABOUT = ("id", "prompt_id", "attribute_id", "conversation_id", "first_id", "second_id")
SPOKEN_OF: dict[str, type[models.Model]] = {
    "prompt_id": Prompt,
    "attribute_id": Attribute,
    "conversation_id": Conversation,
    "first_id": Response,
    "second_id": Response,
}
"""What tells whom an item is about: the first of these that knows."""
CONTEXT = {"participant", "conversation", "prompt"}


@dataclass(frozen=True, slots=True)
class Context:
    """Whom and what a task is about."""

    subject_id: UUID | None = None
    conversation_id: UUID | None = None
    edition: int | None = None
    prompt_id: UUID | None = None


class ItemFacts(NamedTuple):
    """What a task needs to know of its items."""

    id: UUID
    stage: str


def load_tasks(load: Load, entries: list[Entry[TaskRecord]]) -> None:
    """Write tasks and the places of their items."""
    records = [entry.record for entry in entries]
    refs = (part.item for record in records for part in record.items)
    items = {ref: ItemFacts(*row) for ref, row in load.found(Item, refs, "stage").items()}
    unsaid = [record for record in records if not record.model_fields_set & CONTEXT]
    derived = contexts(
        items[record.items[0].item].id for record in unsaid if record.items[0].item in items
    )
    people = load.ids(Participant, (record.participant for record in records))
    conversations = load.ids(Conversation, (record.conversation for record in records))
    prompts = load.ids(Prompt, (record.prompt for record in records))
    tasks: list[Row] = []
    places: list[Row] = []

    def take(entry: Entry[TaskRecord]) -> None:
        record = entry.record
        id = new_id()
        rows = _item_rows(id, record, items)
        if record.model_fields_set & CONTEXT:
            context = Context(
                optional(people, record.participant, "participant"),
                optional(conversations, record.conversation, "conversation"),
                record.edition,
                optional(prompts, record.prompt, "prompt"),
            )
        else:
            context = _at_edition(derived[rows[0][1]], record.edition)
        purpose = record.purpose or purpose_by_items(row[3] for row in rows)
        tasks.append(
            _task_row(
                load, id, record.id, record.stage, context, purpose=purpose, extra=record.extra
            )
        )
        places.extend(rows)

    load.taken(load.unknown(Task, entries), take)
    insert(Task, TASK, tasks)
    insert(TaskItem, TASK_ITEM, places)


def _item_rows(task: UUID, record: TaskRecord, items: dict[str, ItemFacts]) -> list[Row]:
    rows: list[Row] = []
    for index, part in enumerate(record.items):
        item: ItemFacts = needed(items, part.item, f"items[{index}].item")
        if item.stage != record.stage:
            raise Refused(f"items[{index}].item", f"is of stage {item.stage}")
        position = index if part.position is None else part.position
        rows.append((task, item.id, position, part.purpose, part.expected))
    if len({row[2] for row in rows}) < len(rows):
        raise Refused("items", "two items have the same position")
    return rows


def _task_row(
    load: Load,
    id: UUID,
    ref: str,
    stage: str,
    context: Context,
    *,
    purpose: str = Purpose.MAIN.value,
    is_implicit: bool = False,
    extra: dict[str, Any] | None = None,
) -> Row:
    return (
        id, load.study.id, ref, stage, context.subject_id, context.conversation_id,
        context.edition, context.prompt_id, purpose, is_implicit, extra or {},
    )  # fmt: skip


def make_implicit_tasks(load: Load) -> None:
    """Give every item that stands in no task a task of its own."""
    last = ""
    is_about_people = Participant.objects.filter(study=load.study).exists()
    items = Item.objects.filter(study=load.study).order_by("ref")
    if load.had(Task):
        items = items.filter(~Exists(TaskItem.objects.filter(item=OuterRef("pk"))))
    rows = items.values("ref", "stage", *ABOUT)
    while portion := list(rows.filter(ref__gt=last)[:ITEMS_AT_A_TIME]):
        last = portion[-1]["ref"]
        alone = _alone(load, portion)
        _make_tasks(load, alone, _contexts_of(alone, is_about_people=is_about_people))


def _alone(load: Load, items: list[Any]) -> list[Any]:
    """Those that stand in no task, which here is not asked within a join that would read all."""
    if not load.counts["task"]:
        return items
    standing = TaskItem.objects.filter(among("item_id", [item["id"] for item in items]))
    taken = set(standing.values_list("item_id", flat=True))
    return [item for item in items if item["id"] not in taken]


def _make_tasks(load: Load, items: Sequence[Any], about: dict[UUID, Context]) -> None:
    tasks: list[Row] = []
    places: list[Row] = []
    for item in items:
        id, edition = new_id(), load.editions.get(item["id"])
        context = _at_edition(about[item["id"]], edition)
        tasks.append(_task_row(load, id, new_ref(), item["stage"], context, is_implicit=True))
        places.append((id, item["id"], 0, Purpose.MAIN.value, None))
    insert(Task, TASK, tasks)
    insert(TaskItem, TASK_ITEM, places)


def _at_edition(context: Context, edition: int | None) -> Context:
    return context if edition is None else replace(context, edition=edition)


def contexts(items: Iterable[UUID]) -> dict[UUID, Context]:
    """What a task that shows such an item is about, as far as the item says it.

    A few queries that each read one table: a join of all would read these tables whole.
    """
    return _contexts_of(list(Item.objects.filter(among("id", items)).values(*ABOUT)))


def _contexts_of(rows: Sequence[Any], *, is_about_people: bool = True) -> dict[UUID, Context]:
    subjects = _subjects(rows) if is_about_people else {}
    said_in = _conversations([row["attribute_id"] for row in rows if not row["prompt_id"]])
    known = {row["conversation_id"] for row in rows if row["conversation_id"]}
    editions = _editions(known | set(said_in.values()))
    return {row["id"]: _context(row, subjects, said_in, editions) for row in rows}


def _subjects(rows: Sequence[dict[str, Any]]) -> dict[UUID, UUID]:
    """Item → whom it is about."""
    subjects: dict[UUID, UUID] = {}
    for name, model in SPOKEN_OF.items():
        unknown = [row for row in rows if row[name] and row["id"] not in subjects]
        if unknown:
            people = _people(model, {row[name] for row in unknown})
            subjects |= {row["id"]: people[row[name]] for row in unknown if row[name] in people}
    return subjects


def _people(model: type[models.Model], ids: Iterable[UUID]) -> dict[UUID, UUID]:
    rows: Any = model._default_manager.filter(among("id", ids), participant__isnull=False)
    return dict(rows.values_list("id", "participant_id"))


def _context(
    row: dict[str, Any],
    subjects: dict[UUID, UUID],
    said_in: dict[UUID, UUID],
    editions: dict[UUID, int],
) -> Context:
    conversation = row["conversation_id"]
    if not row["prompt_id"]:
        conversation = conversation or said_in.get(row["attribute_id"])
    return Context(
        subject_id=subjects.get(row["id"]),
        conversation_id=conversation,
        edition=editions.get(conversation) if conversation else None,
        prompt_id=row["prompt_id"],
    )


def _conversations(attributes: Iterable[UUID | None]) -> dict[UUID, UUID]:
    """The conversation in which each attribute was said; of several the first by ref."""
    wanted = {id for id in attributes if id}
    if not wanted:
        return {}
    rows = Evidence.objects.filter(among("attribute_id", wanted)).order_by("-conversation__ref")
    return dict(rows.values_list("attribute_id", "conversation_id"))


def _editions(conversations: Iterable[UUID]) -> dict[UUID, int]:
    wanted = set(conversations)
    if not wanted:
        return {}
    rows = (
        Turn.objects.filter(among("conversation_id", wanted)).order_by().values("conversation_id")
    )
    return dict(rows.annotate(newest=Max("edition")).values_list("conversation_id", "newest"))
