"""The places that imported judgments and skips occupy."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from itertools import count, islice
from typing import NamedTuple
from uuid import UUID

from django.db.models import Exists, OuterRef, QuerySet

from annotation.actions.tasks import overlap_of, stage_section
from annotation.choices import Purpose, Role
from annotation.models import Assignment, Task
from annotation.ranks import rank_at_place, rank_of_task, seed_of
from releases.actions.loading.load import Load
from studies.bulk import Row, insert, new_id
from studies.lookups import among
from studies.models import Study

ASSIGNMENT = (
    "id", "study_id", "task_id", "stage", "role", "place", "subject_id", "purpose", "is_added",
    "instead_of_id", "rank", "state", "rater_id", "fence", "lease_until", "seed", "order",
    "is_swapped", "presentation_digest", "submit_key", "submit_digest", "finished_at",
)  # fmt: skip
TASKS_AT_A_TIME = 2_000
EXPERT_ALONE = {Role.EXPERT.value: 1}


class TaskFacts(NamedTuple):
    """What a place needs to know of its task."""

    ref: str
    id: UUID
    stage: str
    subject_id: UUID | None
    purpose: str


class Plan(NamedTuple):
    """What a stage asks for each of its tasks, and what their order is drawn from."""

    overlap: Mapping[str, int]
    seed: int


class Plans(dict[str, Plan]):
    """By stage, each read from the study's document once."""

    def __init__(self, study: Study) -> None:
        super().__init__()
        self._study = study

    def __missing__(self, stage: str) -> Plan:
        section = stage_section(self._study, stage)
        overlap = {} if section is None else overlap_of(section)
        of_people = {role: number for role, number in overlap.items() if role != "llm"}
        self[stage] = Plan(of_people, seed_of(self._study, stage))
        return self[stage]


@dataclass(slots=True)
class Seat:
    """A place that a person has taken in a task."""

    rater_id: UUID
    role: str
    state: str
    id: UUID = field(default_factory=new_id)
    is_stored: bool = False
    """It was in the study before the import."""
    place: int | None = None
    is_added: bool = False
    replaced_by: int | None = None
    """The number of the place that was opened in its stead."""
    seed: int | None = None
    order: list[int] = field(default_factory=list)
    is_swapped: bool = False
    presentation: str = ""
    finished_at: datetime | None = None


@dataclass(slots=True)
class Seats:
    """All places taken by an import, by task and rater."""

    load: Load
    by_task: dict[UUID, list[Seat]] = field(default_factory=dict)

    def fetch(self, tasks: Iterable[UUID]) -> None:
        """Learn which places of these tasks were taken before the import."""
        unknown = {task for task in tasks if task not in self.by_task}
        if not unknown or not self.load.had(Assignment):
            return
        rows = Assignment.objects.filter(among("task_id", unknown), rater__isnull=False)
        columns = ("task_id", "rater_id", "role", "state", "id")
        for task, rater, role, state, id in rows.values_list(*columns):
            seat = Seat(rater, role, state, id, is_stored=True)
            self.add(task, seat)

    def get(self, task: UUID, rater: UUID) -> Seat | None:
        """The rater's place in the task, if they have one."""
        seats = self.by_task.get(task, ())
        return next((seat for seat in seats if seat.rater_id == rater), None)

    def add(self, task: UUID, seat: Seat) -> Seat:
        """Give a rater a place in a task."""
        self.by_task.setdefault(task, []).append(seat)
        return seat


def store_places(load: Load, seats: Seats) -> None:
    """Write the taken places, and the free ones that are left to reach the study's overlap."""
    plans = Plans(load.study)
    for tasks in _portions(load, seats):
        there = _places_there(load, tasks)
        rows: list[Row] = []
        given_up: list[UUID] = []
        for task in tasks:
            plan, taken = plans[task.stage], seats.by_task.get(task.id, [])
            new, freed = _task_places(load, task, plan, taken, there.get(task.id, []))
            rows += new
            given_up += freed
        if given_up:
            Assignment.objects.filter(pk__in=given_up).delete()
        insert(Assignment, ASSIGNMENT, rows)


def _portions(load: Load, seats: Seats) -> Iterator[list[TaskFacts]]:
    """Tasks without places, then those that had places and got answers from the import."""
    had_places = load.had(Assignment)
    unplaced = Task.objects.filter(study=load.study).order_by("ref")
    if had_places:  # else no task has any, and none need be looked for
        unplaced = unplaced.filter(~Exists(Assignment.objects.filter(task=OuterRef("pk"))))
    seated = set(seats.by_task) if had_places else set()
    last = ""
    while portion := _facts(unplaced.filter(ref__gt=last)[:TASKS_AT_A_TIME]):
        last = portion[-1].ref
        seated.difference_update(task.id for task in portion)
        yield portion
    rest = sorted(seated)
    for start in range(0, len(rest), TASKS_AT_A_TIME):
        yield _facts(Task.objects.filter(among("id", rest[start : start + TASKS_AT_A_TIME])))


def _facts(tasks: QuerySet[Task]) -> list[TaskFacts]:
    return [TaskFacts(*row) for row in tasks.values_list(*TaskFacts._fields)]


def _places_there(load: Load, tasks: Iterable[TaskFacts]) -> Mapping[UUID, list[Assignment]]:
    there: dict[UUID, list[Assignment]] = defaultdict(list)
    if load.had(Assignment):
        among_them = among("task_id", [task.id for task in tasks])
        for place in Assignment.objects.filter(among_them).order_by("place"):
            there[place.task_id].append(place)
    return there


def _task_places(
    load: Load, task: TaskFacts, plan: Plan, taken: list[Seat], there: list[Assignment]
) -> tuple[list[Row], list[UUID]]:
    """New rows of a task's places, and the ids of free places that they stand in for."""
    new = [seat for seat in taken if not seat.is_stored]
    rows: list[Row] = []
    freed: list[UUID] = []
    overlap, first = _overlap(task, plan), rank_of_task(plan.seed, task.id)
    for role in sorted({*overlap, *(seat.role for seat in new)}):
        beside = [place for place in there if place.role == role]
        arriving = [seat for seat in new if seat.role == role]
        numbers = _numbers(arriving, beside)
        instead = _instead(arriving, beside, numbers)
        rows += [
            _taken(load, task, seat, number, rank_at_place(first, number), instead.get(seat.id))
            for seat in arriving
            for number in (numbers[seat.id],)
        ]
        waiting = [seat for seat in arriving if _is_waited_for(seat, instead)]
        used = {*numbers.values(), *(place.place for place in beside)}
        for seat in waiting:
            number = next(n for n in count(seat.replaced_by or 1) if n not in used)
            used.add(number)
            rank = rank_at_place(first, numbers[seat.id])
            rows.append(_free(load, task, role, number, rank, seat))
        freed += [
            place.id
            for place in beside
            if place.state == Assignment.State.FREE and place.place in numbers.values()
        ]
        if not there:
            wanted = _missing(task, role, overlap.get(role, 0), arriving, waiting)
            free = (number for number in count(1) if number not in used)
            rows += [
                _free(load, task, role, number, rank_at_place(first, number))
                for number in islice(free, wanted)
            ]
    return rows, freed


def _overlap(task: TaskFacts, plan: Plan) -> Mapping[str, int]:
    """What is asked beside has no places until somebody is given it; an expert decides alone."""
    if task.purpose != Purpose.MAIN:
        return EXPERT_ALONE if task.purpose == Purpose.ADJUDICATION else {}
    return plan.overlap


def _numbers(arriving: list[Seat], beside: list[Assignment]) -> dict[UUID, int]:
    """A place's number for each seat: the one it had, else the lowest that nobody has.

    What was added is beyond the places that are asked for, so it stands in for no free one.
    """
    free = {place.place for place in beside if place.state == Assignment.State.FREE}
    used = {place.place for place in beside} - free
    numbers: dict[UUID, int] = {}
    for seat in sorted(arriving, key=lambda seat: (seat.place is None, seat.place or 0)):
        number, taken = seat.place, used | free if seat.is_added else used
        if number is None or number in taken:
            number = next(n for n in count(1) if n not in taken)
        used.add(number)
        numbers[seat.id] = number
    return numbers


def _instead(
    arriving: list[Seat], beside: list[Assignment], numbers: Mapping[UUID, int]
) -> dict[UUID, UUID]:
    """Seat → the place in whose stead it is, as that one's record or a free place says."""
    at = {seat.place: seat.id for seat in arriving if seat.place}
    found = {
        at[seat.replaced_by]: seat.id
        for seat in arriving
        if seat.replaced_by in at and seat.replaced_by != seat.place
    }
    there = {
        place.place: place.instead_of_id
        for place in beside
        if place.state == Assignment.State.FREE and place.instead_of_id
    }
    taken_over = {
        seat.id: there[numbers[seat.id]] for seat in arriving if numbers[seat.id] in there
    }
    return found | taken_over


def _is_waited_for(seat: Seat, instead: Mapping[UUID, UUID]) -> bool:
    """Were others asked in its stead, and has nobody answered?"""
    return seat.replaced_by is not None and seat.id not in instead.values()


def _missing(
    task: TaskFacts, role: str, wanted: int, arriving: list[Seat], waiting: list[Seat]
) -> int:
    """The places still to be judged; one that was skipped is made good, but not an owner's.

    Who was left out, and others asked in their stead, counts no more; those are `waiting` for.
    """
    if role == "owner" and task.subject_id is None:
        return 0
    counting = (Assignment.State.DONE, Assignment.State.SKIPPED)[: 2 if role == "owner" else 1]
    # What was added is beyond the overlap.
    asked = [seat for seat in arriving if not seat.is_added]
    there = sum(seat.state in counting and seat.replaced_by is None for seat in asked)
    return max(wanted - there - sum(not seat.is_added for seat in waiting), 0)


def _taken(
    load: Load, task: TaskFacts, seat: Seat, number: int, rank: int, instead_of: UUID | None
) -> Row:
    return (
        seat.id, load.study.id, task.id, task.stage, seat.role, number, task.subject_id,
        task.purpose, seat.is_added, instead_of, rank, seat.state, seat.rater_id, 1, None,
        seat.seed, seat.order, seat.is_swapped, seat.presentation, "", "", seat.finished_at,
    )  # fmt: skip


def _free(
    load: Load, task: TaskFacts, role: str, number: int, rank: int, instead_of: Seat | None = None
) -> Row:
    is_added = instead_of is not None and instead_of.is_added
    return (
        new_id(), load.study.id, task.id, task.stage, role, number, task.subject_id,
        task.purpose, is_added, instead_of and instead_of.id, rank, Assignment.State.FREE.value,
        None, 0, None, None, [], False, "", "", "", None,
    )  # fmt: skip
