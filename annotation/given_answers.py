"""The answers to a stage's questions as figures count them, read once for all of its questions."""

from collections.abc import Iterator, Sequence
from typing import Any, Literal, TypeAlias, get_args
from uuid import UUID

from django.core.exceptions import ValidationError

from annotation.actions.simulated import SIMULATED
from annotation.added_places import added_answers
from annotation.agreement.answers import Answer
from annotation.choices import Purpose, Role, Stage
from annotation.models import Judgment, Rater, Task, TaskItem
from studies.models import Study

Raters: TypeAlias = Literal["all", "without_excluded"]
WITHOUT_EXCLUDED: Raters = "without_excluded"
Surplus: TypeAlias = Literal["leave_out", "count"]

CHUNK = 5_000
COLUMNS = (
    "item__ref",
    "rater__ref",
    "role",
    "rater__kind",
    "answers",
    "is_usable",
    "arm",
    "is_swapped",
    "sample",
    "revision",
    "rubric_version",
    "task_id",
    "item_id",
)
FACTS = ("kind", "usable", "arm", "swapped", "sample", "revision")
"""What an answer calls the columns that say how it was given."""


class Row:
    """A judgment, as far as figures need it."""

    __slots__ = ("answers", "facts", "item", "purpose", "rater", "role", "version")

    def __init__(self, columns: tuple[Any, ...], purpose: str, *, is_added: bool) -> None:
        """`columns` are those of `COLUMNS`."""
        self.item, self.rater, self.role = columns[:3]
        self.answers: dict[str, Any] = columns[4] or {}
        self.facts = dict(zip(FACTS, columns[3:4] + columns[5:10], strict=True))
        self.facts["added"] = is_added
        self.version = columns[10]
        self.purpose = purpose

    @property
    def revision(self) -> int:
        """Which of the rater's answers to the item it is, from 1."""
        return int(self.facts["revision"])

    def to(self, key: str) -> Iterator[Answer]:
        """The answer to one question: one per target where it has some."""
        value = self.answers.get(key)
        if not isinstance(value, dict):
            yield self._answer(self.item, value)
            return
        for target, answer in value.items():
            yield self._answer(f"{self.item}/{target}", answer)

    def _answer(self, unit: str, value: Any) -> Answer:
        return Answer(unit=unit, rater=self.rater, role=self.role, value=value, **self.facts)


class GivenAnswers:
    """A stage's judgments; four queries, and one where disagreement adds places.

    Of gold and checks nothing counts: they measure the rater, not the item. Decisions of
    adjudicators count as added answers do, for references alone: they saw what others answered, and
    to agree with that is no agreement. Repeats are kept apart. A surplus judgment was given beside
    the number that is asked for.
    """

    def __init__(
        self, study: Study, stage: str, *, raters: str = "all", surplus: str = "leave_out"
    ) -> None:
        refuse_unknown(raters, surplus)
        self.counted = {"raters": raters, "surplus": surplus}
        rows = Judgment.objects.filter(study=study, stage=stage).order_by()
        if surplus == "leave_out":
            rows = rows.filter(is_surplus=False)
        if raters == WITHOUT_EXCLUDED:
            rows = rows.without_excluded()
        purposes, decided = _purposes(study, stage), _adjudicated(study, stage)
        added = added_answers(study, stage)
        made_up = Rater.objects.filter(study=study, extra__has_key=SIMULATED)
        self._simulated = frozenset(made_up.values_list("ref", flat=True))
        found = rows.values_list(*COLUMNS).iterator(chunk_size=CHUNK)
        self._rows = [
            Row(
                row,
                purposes.get(row[-2:], Purpose.MAIN),
                is_added=row[-2] in decided or (row[-2], row[1]) in added,
            )
            for row in found
        ]

    def to(self, key: str, versions: Sequence[int]) -> Iterator[Answer]:
        """Every answer to a question under these rubric versions."""
        return self._given(key, versions, Purpose.MAIN)

    def simulated(self, answers: Sequence[Answer]) -> dict[str, int]:
        """How many of people's answers are of raters of a dry run, and of how many."""
        theirs = [each for each in answers if each.kind == "human" and each.value is not None]
        made_up = sum(each.rater in self._simulated for each in theirs)
        return {"answers": made_up, "of": len(theirs)}

    def repeats_of(self, key: str, versions: Sequence[int]) -> Iterator[Answer]:
        """Every answer to it that was asked for a second time, unmarked."""
        return self._given(key, versions, Purpose.REPEAT)

    def _given(self, key: str, versions: Sequence[int], purpose: str) -> Iterator[Answer]:
        wanted = frozenset(versions)
        for row in self._rows:
            if row.purpose == purpose and row.version in wanted:
                yield from row.to(key)

    def missed(self) -> Iterator[tuple[str, list[str]]]:
        """What owners said is missing: the item's ref with the statements, latest revisions."""
        latest: dict[tuple[str, str], Row] = {}
        for row in self._rows:
            if row.role == Role.OWNER and row.purpose == Purpose.MAIN and row.answers:
                known = latest.get((row.item, row.rater))
                if known is None or known.revision < row.revision:
                    latest[row.item, row.rater] = row
        for row in latest.values():
            texts = row.answers.get("missing")
            if isinstance(texts, list):
                yield row.item, [str(text) for text in texts]


def refuse_unknown(raters: str, surplus: str) -> None:
    """ValidationError for a choice that does not exist."""
    for name, chosen, known in (
        ("raters", raters, get_args(Raters)),
        ("surplus", surplus, get_args(Surplus)),
    ):
        if chosen not in known:
            raise ValidationError(f'{name} is one of {", ".join(known)}, not "{chosen}".')


def _adjudicated(study: Study, stage: str) -> frozenset[UUID]:
    """The tasks in which experts decide between answers that they see; mostly there are none."""
    tasks = Task.objects.filter(study=study, stage=stage, purpose=Purpose.ADJUDICATION)
    return frozenset(tasks.values_list("pk", flat=True))


def _purposes(study: Study, stage: str) -> dict[tuple[Any, Any], str]:
    """Why an item stands in a task, by both ids, where it is not for its own sake."""
    entries = TaskItem.objects.filter(task__study=study, task__stage=Stage(stage))
    others = entries.exclude(purpose=Purpose.MAIN).order_by()
    return {
        (task, item): purpose
        for task, item, purpose in others.values_list("task_id", "item_id", "purpose")
    }
