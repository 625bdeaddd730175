"""Records of items, tasks, judgments and skips."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any
from uuid import UUID

from django.db.models import Exists, OuterRef

from annotation.models import Assignment, Item, Judgment, Skip, Task, TaskItem
from annotation.querysets import ItemQuerySet
from releases.batches import batches
from releases.bundle.canonical import Record, add_extra, add_present, canonical, moment
from releases.bundle.purposes import purpose_by_items
from studies.models import Study

AT_A_TIME = 2_000
ITEM = (
    "id", "ref", "stage", "attribute__ref", "conversation__ref", "prompt__ref", "first__ref",
    "second__ref", "content_digest", "extra",
)  # fmt: skip
TASK = (
    "id", "ref", "stage", "subject__ref", "conversation__ref", "prompt__ref", "edition", "purpose",
    "extra",
)  # fmt: skip
JUDGMENT = (
    "ref", "item__ref", "task__ref", "task__is_implicit", "rater__ref", "role", "answers",
    "is_usable", "raw", "arm", "item__first__ref", "item__second__ref", "is_swapped", "sample",
    "revision", "rubric_version", "is_blinded", "submitted_at", "seconds", "idle_seconds", "pasted",
    "is_surplus", "comment", "flag", "device", "presentation_digest", "assignment_id",
    "assignment__place",
    "assignment__is_added", "assignment__seed", "assignment__order",
    "assignment__presentation_digest", "assignment__finished_at", "extra",
)  # fmt: skip
SKIP = (
    "item__ref", "rater__ref", "reason", "at", "task__ref", "task__is_implicit", "task_id",
    "rater_id",
)  # fmt: skip


def _items(study: Study) -> ItemQuerySet:
    """Those about what may be remembered."""
    return Item.objects.remembered().filter(study=study)


def item_records(study: Study) -> Iterator[Record]:
    """What is judged; a task that an item has only for itself is not written."""
    rows = _items(study).order_by("ref").values_list(*ITEM)
    for batch in batches(rows.iterator(chunk_size=AT_A_TIME), AT_A_TIME):
        editions = _own_editions(row[0] for row in batch)
        for id, ref, stage, attribute, conversation, prompt, first, second, digest, extra in batch:
            record: Record = {
                "kind": "item",
                "id": ref,
                "stage": stage,
                "attribute": attribute,
                "conversation": conversation,
                "prompt": prompt,
                "responses": [one for one in (first, second) if one is not None],
                "content_digest": digest,
            }
            add_present(record, edition=editions.get(id))
            yield add_extra(record, extra)


def _own_editions(items: Iterable[UUID]) -> dict[UUID, int]:
    """The edition of its conversation that an item's own task shows."""
    rows: Any = TaskItem.objects.filter(
        item__in=list(items), task__is_implicit=True, task__edition__isnull=False
    )
    return dict(rows.order_by().values_list("item_id", "task__edition"))


def task_records(study: Study) -> Iterator[Record]:
    """Screens with their items."""
    tasks = Task.objects.filter(study=study, is_implicit=False).order_by("ref")
    whole = Exists(TaskItem.objects.filter(task=OuterRef("pk"), item__in=_items(study)))
    tasks = tasks.filter(whole | ~Exists(TaskItem.objects.filter(task=OuterRef("pk"))))
    rows = tasks.values_list(*TASK)
    for batch in batches(rows.iterator(chunk_size=AT_A_TIME), AT_A_TIME):
        items = _items_of(study, (row[0] for row in batch))
        for id, ref, stage, subject, conversation, prompt, edition, purpose, extra in batch:
            record: Record = {
                "kind": "task",
                "id": ref,
                "stage": stage,
                "items": items.get(id, []),
                "participant": subject,
                "conversation": conversation,
                "prompt": prompt,
            }
            told = purpose_by_items(part["purpose"] for part in record["items"])
            add_present(record, edition=edition, purpose=_unless(told, purpose))
            yield add_extra(record, extra)


def _items_of(study: Study, tasks: Iterable[UUID]) -> dict[UUID, list[Record]]:
    kept = TaskItem.objects.filter(task__in=list(tasks), item__in=_items(study))
    rows = kept.order_by("position").values_list(
        "task_id", "item__ref", "position", "purpose", "expected"
    )  # fmt: skip
    found: dict[UUID, list[Record]] = defaultdict(list)
    for task, item, position, purpose, expected in rows:
        record: Record = {"item": item, "purpose": purpose, "expected": canonical(expected)}
        if position != len(found[task]):
            record["position"] = position
        found[task].append(record)
    return found


def judgment_records(study: Study) -> Iterator[Record]:
    """Answers, each with the place a person gave it from."""
    given = Judgment.objects.filter(study=study, item__in=_items(study))
    rows = given.order_by("ref").values_list(*JUDGMENT)
    instead = Assignment.objects.filter(study=study, instead_of__isnull=False)
    replaced = dict(instead.values_list("instead_of", "place"))
    for row in rows.iterator(chunk_size=AT_A_TIME):
        yield _judgment(dict(zip(JUDGMENT, row, strict=True)), replaced)


def _judgment(row: dict[str, Any], replaced: Mapping[UUID | None, int]) -> Record:
    record: Record = {"kind": "judgment", "id": row["ref"], "item": row["item__ref"]}
    if not row["task__is_implicit"]:
        record["task"] = row["task__ref"]
    order = _order(row["item__first__ref"], row["item__second__ref"], row["is_swapped"])
    record |= {
        "rater": row["rater__ref"],
        "role": row["role"],
        "answers": canonical(row["answers"]),
        "usable": row["is_usable"],
        "raw": row["raw"],
        "arm": row["arm"],
        "order": order,
        "sample": row["sample"],
        "revision": row["revision"],
        "rubric_version": row["rubric_version"],
        "blinded": row["is_blinded"],
        "submitted_at": moment(row["submitted_at"]),
        "seconds": row["seconds"],
    }
    add_present(
        record,
        idle_seconds=row["idle_seconds"],
        pasted=row["pasted"],
        surplus=row["is_surplus"],
        comment=row["comment"],
        flag=row["flag"],
        device=row["device"],
        presentation=row["presentation_digest"],
        swapped=row["is_swapped"] and (order is None or len(order) < 2),
        place=row["assignment__place"],
        added=row["assignment__is_added"],
        replaced_by=replaced.get(row["assignment_id"]),
        seed=row["assignment__seed"],
        shown=row["assignment__order"],
        screen=_unless(row["presentation_digest"], row["assignment__presentation_digest"]),
        finished_at=moment(_unless(row["submitted_at"], row["assignment__finished_at"])),
    )
    return add_extra(record, row["extra"])


def _unless(own: Any, of_place: Any) -> Any:
    """What the place says where it is not what the judgment says itself."""
    return None if own == of_place else of_place


def _order(first: str | None, second: str | None, is_swapped: bool) -> list[str] | None:
    """Refs of the responses as they were shown."""
    if first is None:
        return None
    if second is None:
        return [first]
    return [second, first] if is_swapped else [first, second]


def skip_records(study: Study) -> Iterator[Record]:
    """Refusals, each with the place that was given up."""
    skips = Skip.objects.filter(study=study, item__in=_items(study)).order_by(
        "item__ref", "rater__ref", "task__ref"
    )
    rows = skips.values_list(*SKIP)
    for batch in batches(rows.iterator(chunk_size=AT_A_TIME), AT_A_TIME):
        places = _places(batch)
        for item, rater, reason, at, task, is_implicit, task_id, rater_id in batch:
            record: Record = {
                "kind": "skip",
                "item": item,
                "rater": rater,
                "reason": reason,
                "at": moment(at),
            }
            if not is_implicit:
                record["task"] = task
            add_present(record, **places.get((task_id, rater_id), {}))
            yield record


def _places(skips: Sequence[Any]) -> dict[tuple[UUID, UUID], dict[str, Any]]:
    """By task and rater; a place that was judged after all is told by its judgments."""
    rows = Assignment.objects.filter(
        task__in={skip[-2] for skip in skips},
        rater__in={skip[-1] for skip in skips},
        state=Assignment.State.SKIPPED,
    )
    return {
        (place.task_id, place.rater_id): {
            "role": place.role,
            "place": place.place,
            "added": place.is_added,
            "seed": place.seed,
            "swapped": place.is_swapped,
        }
        for place in rows
        if place.rater_id
    }
