"""Settling disagreement: one more place where the study asks for it, else a task for an expert."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Max

from annotation.actions.experts import ask_expert, not_asked_yet, take_back_settled
from annotation.assigning import Adaptive, Adjudication
from annotation.assigning_faults import disputed_question
from annotation.choices import Purpose, Role
from annotation.disputes import Rule, Votes, calls_for_more, is_disputed, is_on_scale
from annotation.models import Assignment, Judgment, Task, TaskItem
from annotation.places import new_places
from annotation.ranks import first_rank
from annotation.rubric_versions import rubric_of
from annotation.rubrics.document import Rubric
from annotation.rubrics.statistic import Measurement, measurement
from studies.lookups import among
from studies.models import ConsentScope, Participant, Study

State = Assignment.State
OPEN = (State.FREE, State.LEASED)
TASKS_AT_A_TIME = 500

Places = dict[tuple[UUID, str], Counter[str]]
"""Task and role → how many places of purpose main are in which state."""
Unit = tuple[UUID, str]
"""An item and the target asked about; empty where the question is about the item."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What was done about disagreements."""

    places_added: int = 0
    items_routed: int = 0
    places_taken_back: int = 0

    def __add__(self, other: "Outcome") -> "Outcome":
        return Outcome(
            self.places_added + other.places_added,
            self.items_routed + other.items_routed,
            self.places_taken_back + other.places_taken_back,
        )


@dataclass(frozen=True, slots=True)
class Rules:
    """What a stage does about disagreement."""

    adaptive: Adaptive | None
    adjudication: Adjudication | None
    rubric: Rubric

    def measured(self, key: str | None) -> Measurement:
        """The question whose answers are compared."""
        question = disputed_question(self.rubric, key)
        assert question is not None  # checked with the document
        return measurement(question)


def settle_disputes(*, study: Study, stage: str, tasks: Iterable[UUID]) -> Outcome:
    """Look at tasks whose answers are complete, and act on those that disagree.

    Twice is the same as once: each portion is done under the lock of the study's row.
    """
    rules = rules_of(study, stage)
    outcome = Outcome()
    if rules is None:
        return outcome
    wanted = sorted(set(tasks))
    for start in range(0, len(wanted), TASKS_AT_A_TIME):
        outcome += _settle(study, rules, wanted[start : start + TASKS_AT_A_TIME])
    return outcome


def rules_of(study: Study, stage: str) -> Rules | None:
    """None where the stage does nothing about disagreement."""
    section = (study.document.get("stages") or {}).get(stage) or {}
    adaptive, adjudication = section.get("adaptive"), section.get("adjudication")
    if not (adaptive or adjudication):
        return None
    return Rules(
        Adaptive.model_validate(adaptive) if adaptive else None,
        Adjudication.model_validate(adjudication) if adjudication else None,
        rubric_of(study, stage),
    )


@transaction.atomic
def _settle(study: Study, rules: Rules, ids: Sequence[UUID]) -> Outcome:
    Study.objects.select_for_update(no_key=True).get(pk=study.pk)
    found = Task.objects.filter(among("id", ids), study=study, purpose=Purpose.MAIN)
    # Several of them are locked: in one order, lest two wait for each other.
    tasks = list(found.select_related("subject").order_by("pk"))
    places = _places(tasks)
    more = _add_places(rules, tasks, places) if rules.adaptive else set()
    complete = [task for task in tasks if task.pk not in more and _is_complete(task, places)]
    if rules.adjudication is None:
        return Outcome(len(more))
    return Outcome(len(more)) + _route(study, rules.adjudication, rules, complete)


def _places(tasks: Sequence[Task]) -> Places:
    found: Places = defaultdict(Counter)
    rows = Assignment.objects.filter(among("task_id", [task.pk for task in tasks]))
    for task, role, state in rows.values_list("task_id", "role", "state"):
        found[task, role][state] += 1
    return found


def _is_complete(task: Task, places: Places) -> bool:
    """Is nobody but perhaps its owner still to be heard?"""
    return not any(
        places[task.pk, role][state] for role in (Role.PEER, Role.EXPERT) for state in OPEN
    )


def _add_places(rules: Rules, tasks: Sequence[Task], places: Places) -> set[UUID]:
    """One more place for each task whose role's answers are complete, disagree and are too few."""
    adaptive = rules.adaptive
    assert adaptive is not None
    measured = rules.measured(adaptive.question)
    due = [task for task in tasks if _may_have_more(places[task.pk, adaptive.role], adaptive)]
    votes = _votes(due, measured, with_judges=False)
    added: set[UUID] = set()
    for task in due:
        if any(calls_for_more(adaptive, each, measured) for each in votes[task.pk].values()):
            added |= {task.pk} if _add_place(task, adaptive.role) else set()
    return added


def _may_have_more(states: Mapping[str, int], adaptive: Adaptive) -> bool:
    return not any(states.get(state) for state in OPEN) and states[State.DONE] < adaptive.up_to


def _add_place(task: Task, role: str) -> bool:
    """Unless somebody added one meanwhile; places of a task are numbered under its lock."""
    Task.objects.select_for_update(no_key=True, of=("self",)).get(pk=task.pk)
    beside = Assignment.objects.filter(task=task, role=role)
    if beside.filter(state__in=OPEN).exists():
        return False
    last = beside.aggregate(last=Max("place"))["last"]
    some = beside.order_by("place").values_list("rank", "place").first()
    assert some is not None  # its answers disagree, so it has places
    first = first_rank(*some)
    Assignment.objects.bulk_create(
        new_places(task=task, role=role, count=1, start=last + 1, first=first, is_added=True)
    )
    return True


def _route(
    study: Study, adjudication: Adjudication, rules: Rules, tasks: Sequence[Task]
) -> Outcome:
    """Open a task for an expert from each in which items are disputed, and none where not."""
    measured = rules.measured(adjudication.question)
    kept = _shared(tasks)
    disputed = _disputed(adjudication.rules, kept, measured)
    taken_back = take_back_settled(kept, disputed)
    items = not_asked_yet(study, {item for found in disputed.values() for item in found})
    routed = 0
    for task in kept:
        own = [item for item in disputed[task.pk] if item in items]
        if own:
            ask_expert(task, own)
            items -= set(own)
            routed += len(own)
    return Outcome(items_routed=routed, places_taken_back=taken_back)


def _shared(tasks: Sequence[Task]) -> list[Task]:
    """Those about nobody, or about people who still show their words to others."""
    people = {task.subject_id for task in tasks if task.subject_id}
    sharing = Participant.objects.consented(ConsentScope.PEERS).filter(among("id", people))
    allowed = {None, *sharing.values_list("pk", flat=True)}
    return [task for task in tasks if task.subject_id in allowed]


def _disputed(
    rules: Sequence[Rule], tasks: Sequence[Task], measured: Measurement
) -> dict[UUID, list[UUID]]:
    """Task → its disputed items in their order."""
    with_judges = "people_against_judges" in rules
    votes = _votes(tasks, measured, with_judges=with_judges)
    found: dict[UUID, list[UUID]] = {}
    for task in tasks:
        items = (
            item
            for (item, _target), each in votes[task.pk].items()
            if any(is_disputed(rule, each, measured) for rule in rules)
        )
        found[task.pk] = list(dict.fromkeys(items))
    return found


def _votes(
    tasks: Sequence[Task], measured: Measurement, *, with_judges: bool
) -> dict[UUID, dict[Unit, Votes]]:
    """Task → item and target → answers that count: latest, in time, and of raters not excluded."""
    ids = [task.pk for task in tasks]
    found: dict[UUID, dict[Unit, Votes]] = defaultdict(lambda: defaultdict(Votes))
    given = Judgment.objects.filter(among("task_id", ids), is_usable=True, is_surplus=False)
    rows = given if with_judges else given.exclude(role=Role.LLM)
    rows = rows.latest_revisions().without_excluded()
    mains = TaskItem.objects.filter(among("task_id", ids), purpose=Purpose.MAIN)
    asked = set(mains.values_list("task_id", "item_id"))
    for task, item, role, answers in rows.values_list("task_id", "item_id", "role", "answers"):
        if (task, item) in asked:
            _count(found[task], item, role, (answers or {}).get(measured.key), measured)
    return found


def _count(
    votes: dict[Unit, Votes], item: UUID, role: str, answer: Any, measured: Measurement
) -> None:
    targets = answer if isinstance(answer, dict) else {"": answer}
    name = "judges" if role == Role.LLM else role
    for target, value in targets.items():
        if is_on_scale(value, measured):
            getattr(votes[item, target], name).append(value)
