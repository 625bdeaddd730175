"""Loading judgments and skips, each checked against the rubric it was given under."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple
from uuid import UUID

from django.core.exceptions import ValidationError

from annotation.choices import Purpose, Role
from annotation.models import Assignment, Item, Judgment, Rater, RubricVersion, Skip, TaskItem
from annotation.rubric_versions import missing_rubric, rubric_at
from annotation.rubrics.answers import Targets, check_answers
from annotation.rubrics.document import Rubric
from generation.models import GivenAttribute
from releases.actions.loading.load import (
    ALREADY_THERE,
    TWICE,
    Entry,
    Load,
    needed,
    printed,
)
from releases.actions.loading.seats import Seat, Seats
from releases.bundle.lines import Refused
from releases.bundle.records import JudgmentRecord, SkipRecord
from studies.bulk import Row, insert, new_id
from studies.lookups import among

JUDGMENT = (
    "id", "study_id", "ref", "stage", "item_id", "task_id", "rater_id", "role", "assignment_id",
    "rubric_version", "arm", "is_swapped", "sample", "revision", "answers", "is_usable", "raw",
    "is_blinded", "presentation_digest", "comment", "flag", "seconds", "idle_seconds", "pasted",
    "is_surplus", "device", "submitted_at", "extra",
)  # fmt: skip
ANSWERED = (Assignment.State.DONE, Assignment.State.SURPLUS)
LONGEST_REMEMBERED, MOST_REMEMBERED = 200, 10_000
"""Characters of answers that are remembered as good, and how many such."""
SKIP = ("study_id", "item_id", "task_id", "rater_id", "reason", "at")


class RaterFacts(NamedTuple):
    """What a judgment needs to know of its rater."""

    id: UUID
    kind: str
    participant_id: UUID | None


class TaskFacts(NamedTuple):
    """A task in which an item stands."""

    ref: str
    id: UUID
    subject_id: UUID | None
    purpose: str


class ItemFacts(NamedTuple):
    """What a judgment needs to know of its item."""

    id: UUID
    stage: str
    responses: tuple[str, ...]
    """Refs in the item's own order."""
    is_about_what_is_missing: bool


Key = tuple[UUID, UUID, UUID, str, bool, int, int]
"""Item, task, rater, arm, side, sample, revision: given once."""


@dataclass(slots=True)
class Judging:
    """What loading judgments knows beyond the portion at hand."""

    load: Load
    seats: Seats
    raters: dict[str, RaterFacts] = field(default_factory=dict)
    given: set[int] = field(default_factory=set)
    """Hashes of the keys met: a key of seven would cost ten times the memory."""
    good: dict[tuple[Any, ...], dict[str, Any]] = field(default_factory=dict)
    """Short answers found good, and what of them is stored: most are given again and again."""

    def fetch_raters(self) -> None:
        """Learn who judges in the study."""
        rows = Rater.objects.filter(study=self.load.study)
        columns = ("ref", "id", "kind", "participant_id")
        for ref, id, kind, participant_id in rows.values_list(*columns).iterator():
            self.raters[ref] = RaterFacts(id, kind, participant_id)


@dataclass(frozen=True, slots=True)
class Items:
    """The items of a portion of lines, with the tasks in which they stand."""

    facts: dict[str, ItemFacts]
    tasks: dict[UUID, list[TaskFacts]]
    attributes: dict[UUID, tuple[str, ...]]
    """Item → refs of the attributes that its responses were given."""


def load_judgments(judging: Judging, entries: list[Entry[JudgmentRecord]]) -> None:
    """Write judgments and remember the places they were given from."""
    load = judging.load
    fresh = load.unknown(Judgment, entries)
    items = _items(load, [entry.record.item for entry in fresh])
    judging.seats.fetch(task.id for tasks in items.tasks.values() for task in tasks)
    judging.given |= _given_before(load, items)
    rows: list[Row] = []

    def take(entry: Entry[JudgmentRecord]) -> None:
        rows.append(_judgment_row(judging, entry.record, items))

    load.taken(fresh, take)
    insert(Judgment, JUDGMENT, rows)


def _judgment_row(judging: Judging, record: JudgmentRecord, items: Items) -> Row:
    load = judging.load
    item: ItemFacts = needed(items.facts, record.item, "item")
    task = _task(items.tasks.get(item.id, []), record.task)
    rater: RaterFacts = needed(judging.raters, record.rater, "rater")
    _check_role(rater, record.role, task)
    rubric = _rubric(load, item, record.rubric_version)
    answers = _answers(judging, rubric, record, item, items)
    is_swapped = _is_swapped(record.order, item) or record.swapped
    key = (item.id, task.id, rater.id, record.arm, is_swapped, record.sample, record.revision)
    if hash(key) in judging.given:
        raise Refused("revision", "the same rater has answered this already; count revisions up")
    seat = _seat(judging, record, task, rater, is_swapped=is_swapped)
    judging.given.add(hash(key))
    return (
        new_id(), load.study.id, record.id, item.stage, item.id, task.id, rater.id, record.role,
        seat.id if seat else None, rubric.version, record.arm, is_swapped, record.sample,
        record.revision, answers, record.usable, record.raw, record.blinded,
        record.presentation or "", record.comment or "", record.flag or "", record.seconds,
        record.idle_seconds, record.pasted, record.surplus, record.device or "",
        record.submitted_at or load.now, record.extra,
    )  # fmt: skip


def _items(load: Load, refs: Sequence[str]) -> Items:
    rows = Item.objects.filter(among("ref", refs), study=load.study).values_list(
        "ref", "id", "stage", "attribute_id", "first__ref", "second__ref"
    )
    facts: dict[str, ItemFacts] = {}
    for ref, id, stage, attribute_id, first, second in rows:
        responses = tuple(one for one in (first, second) if one is not None)
        is_missing = stage == "extraction" and attribute_id is None
        facts[ref] = ItemFacts(id, stage, responses, is_missing)
    ids = [item.id for item in facts.values()]
    asks_attributes = _asks_about_attributes(load) and any(
        item.responses for item in facts.values()
    )
    return Items(facts, _tasks(ids), _attributes(ids) if asks_attributes else {})


def _tasks(items: Iterable[UUID]) -> dict[UUID, list[TaskFacts]]:
    standing: dict[UUID, list[TaskFacts]] = defaultdict(list)
    rows = TaskItem.objects.filter(among("item_id", items)).order_by()
    columns = ("item_id", "task__ref", "task_id", "task__subject_id", "task__purpose")
    for item, *facts in rows.values_list(*columns):
        standing[item].append(TaskFacts._make(facts))
    return standing


def _asks_about_attributes(load: Load) -> bool:
    documents = RubricVersion.objects.filter(study=load.study, stage="response")
    return any(
        question.get("per") == "attribute"
        for document in documents.values_list("document", flat=True)
        for question in document.get("questions", [])
    )


def _attributes(items: Iterable[UUID]) -> dict[UUID, tuple[str, ...]]:
    pairs: Any = Item.objects.filter(among("id", items)).values_list("id", "first_id", "second_id")
    sides = {id: [side for side in (first, second) if side] for id, first, second in pairs}
    refs: dict[UUID, list[str]] = defaultdict(list)
    responses = {response for side in sides.values() for response in side}
    rows = GivenAttribute.objects.filter(among("response_id", responses))
    for response, ref in rows.order_by("position").values_list("response_id", "attribute__ref"):
        refs[response].append(ref)
    return {
        id: tuple(dict.fromkeys(ref for one in side for ref in refs[one]))
        for id, side in sides.items()
    }


def _given_before(load: Load, items: Items) -> set[int]:
    if not load.had(Judgment):
        return set()
    ids = [item.id for item in items.facts.values()]
    rows = Judgment.objects.filter(among("item_id", ids)).values_list(
        "item_id", "task_id", "rater_id", "arm", "is_swapped", "sample", "revision"
    )
    return {hash(tuple(row)) for row in rows}


def _task(tasks: Sequence[TaskFacts], ref: str | None) -> TaskFacts:
    if ref is None:
        if len(tasks) != 1:
            raise Refused("task", f"is missing, and the item stands in {len(tasks)} tasks")
        return tasks[0]
    for task in tasks:
        if task.ref == ref:
            return task
    raise Refused("task", f"there is no task {printed(ref)} with this item")


def _check_role(rater: RaterFacts, role: str, task: TaskFacts) -> None:
    if (rater.kind == Rater.Kind.LLM) != (role == "llm") and rater.kind != Rater.Kind.AGGREGATE:
        raise Refused("role", f"a rater of kind {rater.kind} cannot judge as {role}")
    if rater.kind != Rater.Kind.HUMAN:
        return
    is_subject = rater.participant_id is not None and rater.participant_id == task.subject_id
    if role == "owner" and not is_subject:
        raise Refused("role", "only the person whom the item is about judges as its owner")
    if role != "owner" and is_subject:
        raise Refused("role", f"a person cannot judge their own item as {role}")


def _rubric(load: Load, item: ItemFacts, version: int | None) -> Rubric:
    if item.is_about_what_is_missing:
        rubric = missing_rubric()
        if version not in (None, rubric.version):
            raise Refused("rubric_version", f"there is no version {version} of what is missing")
        return rubric
    wanted = load.rubric_versions.get(item.stage) if version is None else version
    if wanted is None:
        raise Refused("item", f"the study has no stage {item.stage}")
    try:
        return rubric_at(load.study.id, item.stage, wanted)
    except RubricVersion.DoesNotExist:
        raise Refused(
            "rubric_version", f"the study has no version {wanted} of its {item.stage} rubric"
        ) from None


def _answers(
    judging: Judging, rubric: Rubric, record: JudgmentRecord, item: ItemFacts, items: Items
) -> dict[str, Any] | None:
    if not record.usable:
        if record.answers is not None:
            raise Refused("answers", "must be null where usable is false")
        return None
    if record.answers is None:
        raise Refused("answers", "is missing; an answer that cannot be used says usable: false")
    # Where nothing is asked of single targets, only their number matters: for comparisons.
    told = repr(record.answers) if all(one.per == "item" for one in rubric.questions) else ""
    about = (item.stage, item.is_about_what_is_missing, len(item.responses))
    key = (*about, rubric.version, record.role, told)
    if key in judging.good:
        return judging.good[key]
    targets = Targets(responses=item.responses, attributes=items.attributes.get(item.id, ()))
    try:
        good = check_answers(rubric, role=record.role, answers=record.answers, targets=targets)
    except ValidationError as error:
        raise _outside(error) from None
    if 0 < len(told) <= LONGEST_REMEMBERED and len(judging.good) < MOST_REMEMBERED:
        judging.good[key] = good
    return good


def _outside(error: ValidationError) -> Refused:
    faults: Mapping[str, list[str]] = error.message_dict
    key, sentences = next(iter(faults.items()))
    return Refused("answers" if key == "__all__" else f"answers.{key}", " ".join(sentences))


def _is_swapped(order: list[str] | None, item: ItemFacts) -> bool:
    if not order or tuple(order) == item.responses:
        return False
    if tuple(reversed(order)) == item.responses:
        return True
    raise Refused("order", "does not name the item's responses, each once")


def _seat(
    judging: Judging,
    record: JudgmentRecord,
    task: TaskFacts,
    rater: RaterFacts,
    *,
    is_swapped: bool,
) -> Seat | None:
    """The place a person judged from; models and published means have none.

    What several judgments of one place say of it is put together so that their order is nothing.
    """
    if rater.kind != Rater.Kind.HUMAN:
        return None
    seat = judging.seats.get(task.id, rater.id)
    if seat is None:
        seat = judging.seats.add(task.id, Seat(rater.id, record.role, Assignment.State.DONE.value))
    elif seat.role != record.role:
        raise Refused("role", f"the rater has a place of this task as {seat.role}")
    elif seat.state not in ANSWERED:
        raise Refused("rater", "holds this task at the moment, or has skipped it")
    if record.surplus:
        seat.state = Assignment.State.SURPLUS.value
    _check_added(record, task, record.role)
    _check_replaced(record, task, record.role)
    seat.is_added |= record.added
    seat.replaced_by = max_of(seat.replaced_by, record.replaced_by)
    seat.place = max_of(seat.place, record.place)
    seat.seed = max_of(seat.seed, record.seed)
    seat.order = max(seat.order, record.shown or [])
    seat.is_swapped |= is_swapped
    seat.presentation = max(seat.presentation, record.screen or record.presentation or "")
    finished_at = record.finished_at or record.submitted_at or judging.load.now
    seat.finished_at = max_of(seat.finished_at, finished_at)
    return seat


def _check_added(record: JudgmentRecord | SkipRecord, task: TaskFacts, role: str) -> None:
    if record.added and (role == Role.OWNER or task.purpose != Purpose.MAIN):
        raise Refused("added", "only what is to be decided gets more places, and not its owner")


def _check_replaced(record: JudgmentRecord, task: TaskFacts, role: str) -> None:
    if record.replaced_by and (role == Role.OWNER or task.purpose != Purpose.MAIN):
        raise Refused("replaced_by", "others are asked only for N, and not in an owner's stead")


def max_of(one: Any, other: Any) -> Any:
    """The greater of two values of which either may be missing."""
    if one is None or other is None:
        return other if one is None else one
    return max(one, other)


def load_skips(judging: Judging, entries: list[Entry[SkipRecord]]) -> None:
    """Write skips; somebody who only skipped a task's items has skipped its place."""
    load = judging.load
    items = _items(load, [entry.record.item for entry in entries])
    judging.seats.fetch(task.id for tasks in items.tasks.values() for task in tasks)
    ids = [item.id for item in items.facts.values()]
    there = Skip.objects.filter(among("item_id", ids)).values_list("item_id", "task_id", "rater_id")
    skipped = set(there)
    rows: list[Row] = []

    def take(entry: Entry[SkipRecord]) -> None:
        record = entry.record
        item: ItemFacts = needed(items.facts, record.item, "item")
        task = _task(items.tasks.get(item.id, []), record.task)
        rater: RaterFacts = needed(judging.raters, record.rater, "rater")
        key = (item.id, task.id, rater.id)
        if key in skipped:
            raise Refused("item", ALREADY_THERE if load.had(Skip) else TWICE)
        _skip_seat(judging.seats, record, task, rater)
        skipped.add(key)
        rows.append((load.study.id, *key, record.reason, record.at or load.now))

    load.had(Skip)
    load.taken(entries, take)
    insert(Skip, SKIP, rows)


def _skip_seat(seats: Seats, record: SkipRecord, task: TaskFacts, rater: RaterFacts) -> None:
    if rater.kind != Rater.Kind.HUMAN:
        raise Refused("rater", "only people skip")
    if seats.get(task.id, rater.id):
        return
    is_subject = rater.participant_id is not None and rater.participant_id == task.subject_id
    role = record.role or ("owner" if is_subject else "peer")
    _check_role(rater, role, task)
    _check_added(record, task, role)
    seat = Seat(rater.id, role, Assignment.State.SKIPPED.value)
    seat.place, seat.seed, seat.is_swapped = record.place, record.seed, record.swapped
    seat.is_added = record.added
    seats.add(task.id, seat)
