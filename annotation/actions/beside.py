"""Giving a rater what is asked beside their tasks: a place made for them as they ask for the next.

They look like all others, and are nobody else's.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.db.models import Count, Exists, Max, OuterRef, Q, QuerySet
from django.db.models.functions import Now

from annotation import candidates
from annotation.beside import BESIDE, REPEATED_AFTER, Pace, paces_of
from annotation.choices import Purpose, Role
from annotation.models import Assignment, Item, Judgment, Rater, Task, TaskItem
from annotation.querysets import AssignmentQuerySet
from annotation.ranks import draw, is_swapped_at, rank_at_place, rank_of_task, seed_of
from annotation.rubric_versions import rubric_of
from annotation.screens import shown_order
from studies.models import ConsentScope, Participant, Study

State = Assignment.State
LEASE_MINUTES = 30
CANDIDATES = 20
"""Earlier tasks looked at for one that may still be shown; more would take too long."""
OTHER_ORDERS = 8
"""Draws among which one is sought that differs from the first time's."""


def beside_place(*, study: Study, stage: str, role: str, rater: Rater) -> Assignment | None:
    """A leased place of gold, a check or a repeat, if one is due now; else None.

    Nothing is asked beside where nothing else waits: it would be paid, and measure nothing. Call
    under the lock of the rater's row, before a free place is looked for. A stage that declares
    nothing of the kind costs no query; where nothing is due, it costs one.
    """
    section = (study.document.get("stages") or {}).get(stage) or {}
    paces = paces_of(section, role)
    if not paces:
        return None
    seed = seed_of(study, stage)
    given, done = _history(stage, role, rater)
    due = [
        pace
        for pace in paces
        if pace.is_due(given=given[pace.purpose], done=done, seed=seed, rater=rater)
    ]
    if not due or not _waits(study, stage, role, rater):
        return None
    places = (_place_for(pace, study, stage, role, rater) for pace in due)
    return next((place for place in places if place is not None), None)


def _waits(study: Study, stage: str, role: str, rater: Rater) -> bool:
    """Is there a task for them that counts for N, or for an expert? It is not locked, nor taken."""
    looking = candidates.looking(study, stage, role, rater, forgets=_forgets(rater))
    whose = candidates.whose(study, stage, role, rater)
    if candidates.some_free(looking)(**whose):
        return True
    return role != Role.OWNER and bool(candidates.some_expired(looking)(**whose))


def _history(stage: str, role: str, rater: Rater) -> tuple[Counter[str], int]:
    """Places they had by purpose, and how many of purpose main they filled."""
    places = Assignment.objects.filter(rater=rater, stage=stage, role=role).order_by()
    filled = Count("pk", filter=Q(state__in=Assignment.FILLED))
    given: Counter[str] = Counter()
    done = 0
    for purpose, had, did in places.values_list("purpose").annotate(n=Count("pk"), filled=filled):
        given[purpose] = had
        done += did if purpose == Purpose.MAIN else 0
    return given, done


def _place_for(pace: Pace, study: Study, stage: str, role: str, rater: Rater) -> Assignment | None:
    if pace.purpose == Purpose.REPEAT:
        return _repeat(study, stage, role, rater)
    return _known(study, stage, role, rater, pace.purpose)


def _known(
    study: Study, stage: str, role: str, rater: Rater, purpose: Purpose
) -> Assignment | None:
    """A task with known answers that they have not had; none of its items was theirs before, or is
    still asked for its own sake."""
    seed = seed_of(study, stage)
    tasks = _shown(Task.objects.filter(study=study, stage=stage, purpose=purpose), rater)
    expected = TaskItem.objects.filter(task=OuterRef("pk"), expected__isnull=False)
    tasks = tasks.filter(Exists(expected)).exclude(Exists(_asked_elsewhere()))
    held = Assignment.objects.filter(rater=rater, purpose=purpose).values("task")
    judged = Judgment.objects.filter(rater=rater, stage=stage).values("item")
    met = TaskItem.objects.filter(item__in=judged, task__purpose=purpose).values("task")
    known = tasks.exclude(pk__in=held).exclude(pk__in=met).values_list("pk", flat=True)
    drawn = sorted(known, key=lambda task: draw(seed, rater.ref, task))
    chosen = next((task for task in drawn if not _forgets(rater) or _is_remembered(task)), None)
    if chosen is None:
        return None
    # Others may be given the same one at this moment; places are numbered one after another.
    locked = Task.objects.select_for_update(no_key=True, of=("self",)).filter(pk=chosen)
    task = _tasks(locked).first()
    if task is None:
        return None  # withdrawn at this moment
    last = task.assignments.filter(role=role).aggregate(last=Max("place"))["last"] or 0
    rank = rank_at_place(rank_of_task(seed, task.id), last + 1)
    order_seed = draw(seed, rater.ref, task.id)
    return _leased(task, role, rater, place=last + 1, rank=rank, seed=order_seed)


def _asked_elsewhere() -> QuerySet[TaskItem]:
    """What is still asked for its own sake, which whoever met its answer could not be asked."""
    open_places = Assignment.objects.filter(
        task__task_items__item=OuterRef("item"),
        purpose=Purpose.MAIN,
        state__in=(State.FREE, State.LEASED),
    )
    return TaskItem.objects.filter(Exists(open_places), task=OuterRef("pk"))


def _shown(tasks: QuerySet[Task], rater: Rater) -> QuerySet[Task]:
    """Those about others who share with peers, in a language the rater reads, and remembered."""
    shared = Participant.objects.consented(ConsentScope.PEERS)
    tasks = tasks.filter(Q(subject__isnull=True) | Q(subject__in=shared))
    if rater.participant_id:
        tasks = tasks.exclude(subject=rater.participant_id, subject__isnull=False)
    if language := rater.participant.language if rater.participant else "":
        spoken = Q(subject__language__in=["", language])
        tasks = tasks.filter(Q(subject__isnull=True) | spoken)
    return tasks


def _is_remembered(task: UUID) -> bool:
    """Does it ask about nothing that its owner wants forgotten?"""
    items = Item.objects.filter(task_items__task=task)
    return items.count() == items.remembered().count()


def _repeat(study: Study, stage: str, role: str, rater: Rater) -> Assignment | None:
    """One of their earlier tasks again, the other way round; each at most once."""
    after = study.document["stages"][stage]["repeats"].get("after", REPEATED_AFTER)
    mine = Assignment.objects.filter(rater=rater, stage=stage, role=role)
    repeated = mine.filter(purpose=Purpose.REPEAT).values_list("task__extra", flat=True)
    before = {extra.get("repeats") for extra in repeated}
    filled = mine.filter(purpose=Purpose.MAIN, state__in=Assignment.FILLED)
    earlier = filled.order_by("-finished_at").values_list("pk", "task__ref")[after:]
    seed = seed_of(study, stage)
    drawn = sorted(
        (pk for pk, ref in earlier if ref not in before), key=lambda pk: draw(seed, "repeat", pk)
    )
    for pk in drawn[:CANDIDATES]:
        first = _still_shown(filled.filter(pk=pk), role, rater).select_related("task").first()
        if first:
            return _again(first, role, rater, seed)
    return None


def _still_shown(places: AssignmentQuerySet, role: str, rater: Rater) -> AssignmentQuerySet:
    """Those whose owners have taken back nothing; mostly nothing was, and then nobody looks."""
    shown = places.shown_to(role)
    return shown.remembered() if _forgets(rater) else shown


def _forgets(rater: Rater) -> bool:
    """Must anything in the study not be shown any more? A claim has looked already."""
    return bool(getattr(rater, "forgets", True))


def _again(first: Assignment, role: str, rater: Rater, seed: int) -> Assignment:
    task = _tasks(Task.objects.filter(pk=_copy(first.task).pk)).get()
    rank = rank_of_task(seed, task.id)
    if is_swapped_at(rank) == first.is_swapped:
        rank ^= 1
    seeds = [draw(seed, rater.ref, task.id, n) for n in range(OTHER_ORDERS)]
    differs = (one for one in seeds if shown_order(one, len(first.order)) != first.order)
    return _leased(task, role, rater, place=1, rank=rank, seed=next(differs, seeds[0]))


def _copy(task: Task) -> Task:
    """The same screen once more, as a task of its own."""
    again = Task.objects.create(
        study_id=task.study_id,
        stage=task.stage,
        purpose=Purpose.REPEAT,
        subject_id=task.subject_id,
        conversation_id=task.conversation_id,
        edition=task.edition,
        prompt_id=task.prompt_id,
        extra={"repeats": task.ref},
    )
    rows: Sequence[TaskItem] = list(task.task_items.order_by("position"))
    TaskItem.objects.bulk_create(
        TaskItem(task=again, item_id=row.item_id, position=row.position, purpose=Purpose.REPEAT)
        for row in rows
    )
    return again


def _tasks(tasks: QuerySet[Task]) -> Any:
    """Tasks with what a screen needs of them and the database's time."""
    return tasks.select_related("study", "conversation", "prompt").annotate(asked_at=Now())


def _leased(task: Any, role: str, rater: Rater, *, place: int, rank: int, seed: int) -> Assignment:
    section: Mapping[str, Any] = task.study.document["stages"][task.stage] or {}
    minutes = section.get("lease_minutes", LEASE_MINUTES)
    made = Assignment(
        study=task.study,
        task=task,
        stage=task.stage,
        role=role,
        place=place,
        subject_id=task.subject_id,
        purpose=task.purpose,
        rank=rank,
        state=State.LEASED,
        rater=rater,
        fence=1,
        lease_until=task.asked_at + timedelta(minutes=minutes),
        rubric_version=rubric_of(task.study, task.stage).version,
        seed=seed,
        is_swapped=is_swapped_at(rank),
    )
    made.save(force_insert=True)
    return made


def take_back_beside(places: QuerySet[Assignment], *, is_erasing: bool = False) -> int:
    """Delete places beside the N: they were made for one rater, and nobody waits for them.

    Those that are answered stay, unless the rater is being erased.
    """
    own = places.filter(purpose__in=BESIDE)
    if not is_erasing:
        own = own.exclude(state__in=Assignment.FILLED)
    again = list(own.filter(purpose=Purpose.REPEAT).values_list("task", flat=True))
    count = len(own.values_list("pk"))
    own.delete()
    Task.objects.filter(pk__in=again).delete()
    return count
