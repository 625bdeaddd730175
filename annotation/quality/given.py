"""The judgments of a study's people as rows: what the arrays for the signals are filled from."""

from collections.abc import Container, Iterator
from dataclasses import dataclass
from operator import attrgetter
from typing import Any, NamedTuple
from uuid import UUID

from annotation.added_places import raters_of_added
from annotation.choices import Purpose
from annotation.models import Judgment, Rater, Task, TaskItem
from annotation.practice import practice_in
from studies.comprehension import NAME as COMPREHENSION
from studies.models import Part, Study

CHUNK = 5_000


class Given(NamedTuple):
    """What a rater gave an item in a task: the answers that count, the time of the first look."""

    ref: str
    stage: str
    item: UUID
    task: UUID
    rater: UUID
    role: str
    answers: dict[str, Any]
    is_swapped: bool
    rubric_version: int
    revision: int
    seconds: float | None
    idle: float | None
    pasted: int | None


COLUMNS = (
    "ref",
    "stage",
    "item_id",
    "task_id",
    "rater_id",
    "role",
    "answers",
    "is_swapped",
    "rubric_version",
    "revision",
    "seconds",
    "idle_seconds",
    "pasted",
)


@dataclass(frozen=True)
class Asked:
    """Why an item stands in a task, where that is not to decide it."""

    purpose: str
    expected: dict[str, Any]


@dataclass(frozen=True)
class People:
    """Those who judge in a study, and what they gave, in the order of time."""

    raters: list[Rater]
    given: list[Given]
    asked: dict[tuple[UUID, UUID], Asked]
    """By task and item."""
    adjudicated: frozenset[UUID]
    """Tasks whose raters see what others answered."""
    added: frozenset[tuple[UUID, UUID]]
    """Tasks and the raters who filled places that were added to them."""
    practice: frozenset[tuple[UUID, UUID]]
    """Tasks and the raters to whom they were practice."""
    attempts: dict[UUID, int]
    """By participant, at the comprehension check."""


def people_of(study: Study) -> People:
    """Seven queries, whatever the number of judgments; one less where nothing is practice."""
    raters = Rater.objects.filter(study=study, kind=Rater.Kind.HUMAN)
    asked = _asked(study)
    tried = Part.objects.filter(participant__study=study, name=COMPREHENSION, attempts__gt=0)
    adjudicated = Task.objects.filter(study=study, purpose=Purpose.ADJUDICATION)
    return People(
        raters=list(raters.order_by("ref")),
        given=_given(_rows(study), asked),
        asked=asked,
        adjudicated=frozenset(adjudicated.values_list("pk", flat=True)),
        added=raters_of_added(study),
        practice=frozenset(
            (row.task_id, row.rater_id) for row in practice_in(study) if row.rater_id
        ),
        attempts=dict(tried.values_list("participant_id", "attempts")),
    )


def _rows(study: Study) -> Iterator[Given]:
    rows = Judgment.objects.filter(study=study, rater__kind=Rater.Kind.HUMAN, is_usable=True)
    ordered = rows.order_by("submitted_at", "pk").values_list(*COLUMNS)
    return map(Given._make, ordered.iterator(chunk_size=CHUNK))


def _given(rows: Iterator[Given], asked: Container[tuple[UUID, UUID]]) -> list[Given]:
    """One per rater, item and task, where the first revision was given.

    What was asked to measure the rater keeps its first answer; of all else the last one counts,
    as in the figures.
    """
    found: dict[tuple[UUID, UUID, UUID], list[Given]] = {}
    for row in rows:
        found.setdefault((row.task, row.item, row.rater), []).append(row)
    return [_as_counted(given, key[:2] in asked) for key, given in found.items()]


def _as_counted(given: list[Given], is_measuring: bool) -> Given:
    """A second visit is short, whoever is careful: its time says nothing of how they read."""
    if len(given) == 1:
        return given[0]
    given.sort(key=attrgetter("revision"))
    first, last = given[0], given[-1]
    pasted = max((row.pasted for row in given if row.pasted is not None), default=None)
    said = first if is_measuring else last
    return said._replace(seconds=first.seconds, idle=first.idle, pasted=pasted)


def _asked(study: Study) -> dict[tuple[UUID, UUID], Asked]:
    rows = TaskItem.objects.filter(task__study=study).exclude(purpose=Purpose.MAIN)
    return {
        (task, item): Asked(purpose, expected or {})
        for task, item, purpose, expected in rows.values_list(
            "task_id", "item_id", "purpose", "expected"
        )
    }
