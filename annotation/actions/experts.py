"""Asking an expert to decide, and taking that back where others agree before one has begun."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from uuid import UUID

from django.db.models import Max

from annotation.choices import Purpose, Role
from annotation.models import Assignment, Item, Task, TaskItem
from annotation.places import new_places
from studies.lookups import among
from studies.models import Study

State = Assignment.State
STANDING = {State.FREE.value, State.LEASED.value, State.DONE.value}
"""States of a place at which an expert decides or has decided."""
Disputed = Mapping[UUID, Sequence[UUID]]
"""Task → its disputed items in their order."""


def take_back_settled(tasks: Sequence[Task], disputed: Disputed) -> int:
    """Take free places from experts where nothing of what they would decide is disputed any more.

    What somebody holds, or has answered, stays; so does a task of several items as long as one of
    them is disputed. The number of places. Call under the lock of the study's row.
    """
    still = {item for items in disputed.values() for item in items}
    asked = _asked_of_experts(tasks)
    settled = [task for task, items in asked.items() if still.isdisjoint(items)]
    free = Assignment.objects.filter(among("task_id", settled), state=State.FREE)
    # Whoever takes one at this very moment has it locked, and keeps it.
    locked = free.select_for_update(skip_locked=True, of=("self",)).values_list("pk", "task_id")
    found = dict(locked)
    Assignment.objects.filter(among("id", found)).delete()
    _drop_empty(set(found.values()))
    return len(found)


def _asked_of_experts(tasks: Sequence[Task]) -> dict[UUID, list[UUID]]:
    """Items of each task that was opened for an expert from one of these."""
    entries = TaskItem.objects.filter(among("task_id", [task.pk for task in tasks]))
    refs = {task.ref for task in tasks}
    rows = TaskItem.objects.filter(
        item__in=entries.order_by().values("item_id"), task__purpose=Purpose.ADJUDICATION
    ).values_list("task_id", "item_id", "task__extra")
    found: dict[UUID, list[UUID]] = defaultdict(list)
    for task, item, extra in rows.order_by():
        if extra.get("decides") in refs:
            found[task].append(item)
    return found


def _drop_empty(tasks: Iterable[UUID]) -> None:
    """Tasks of which nobody ever was given a place, and which nobody answered."""
    Task.objects.filter(among("id", tasks), assignments=None, judgments=None, skips=None).delete()


def not_asked_yet(study: Study, items: set[UUID]) -> set[UUID]:
    """Those that no expert decides or has decided, about nothing that its owner asked to forget."""
    before = TaskItem.objects.filter(among("item_id", items), task__purpose=Purpose.ADJUDICATION)
    rows = list(before.values_list("task_id", "item_id"))
    taken_back = _taken_back({task for task, _item in rows})
    kept = Item.objects.filter(among("id", items)).remembered()
    asked = {item for task, item in rows if task not in taken_back}
    return set(kept.values_list("pk", flat=True)) - asked


def _taken_back(tasks: Iterable[UUID]) -> set[UUID]:
    """Tasks that somebody passed on, and whose next place was taken back then.

    One that was imported without places has been decided.
    """
    states: dict[UUID, set[str]] = defaultdict(set)
    for task, state in Assignment.objects.filter(among("task_id", tasks)).values_list(
        "task_id", "state"
    ):
        states[task].add(state)
    return {task for task, found in states.items() if found.isdisjoint(STANDING)}


def ask_expert(task: Task, items: Sequence[UUID]) -> None:
    """The same context with only what is disputed, and one place for an expert.

    A task for the same items that was taken back is used again: whoever passed it on is not given
    it a second time.
    """
    opened = _again(task, items) or _opened(task, items)
    last = opened.assignments.aggregate(last=Max("place"))["last"] or 0
    places = new_places(task=opened, role=Role.EXPERT, count=1, start=last + 1)
    Assignment.objects.bulk_create(places)


def _again(task: Task, items: Sequence[UUID]) -> Task | None:
    before = TaskItem.objects.filter(
        among("item_id", items),
        task__purpose=Purpose.ADJUDICATION,
        task__extra__decides=task.ref,
    )
    taken_back = _taken_back(before.values_list("task_id", flat=True))
    entries = TaskItem.objects.filter(among("task_id", taken_back)).values_list(
        "task_id", "item_id"
    )
    found: dict[UUID, set[UUID]] = defaultdict(set)
    for one, item in entries:
        found[one].add(item)
    same = next((one for one, asked in found.items() if asked == set(items)), None)
    return None if same is None else Task.objects.get(pk=same)


def _opened(task: Task, items: Sequence[UUID]) -> Task:
    opened = Task.objects.create(
        study_id=task.study_id,
        stage=task.stage,
        purpose=Purpose.ADJUDICATION,
        subject_id=task.subject_id,
        conversation_id=task.conversation_id,
        edition=task.edition,
        prompt_id=task.prompt_id,
        extra={"decides": task.ref},
    )
    standing = task.task_items.filter(item__in=items).order_by("position")
    TaskItem.objects.bulk_create(
        TaskItem(task=opened, item_id=row.item_id, position=position)
        for position, row in enumerate(standing)
    )
    return opened
