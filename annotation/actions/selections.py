"""What stage 2 decided becomes a selection, which strategies read."""

from collections import defaultdict
from collections.abc import Sequence
from uuid import UUID

from django.db.models import UUIDField

from annotation.choices import Purpose, Role, Stage
from annotation.models import Assignment, Judgment, Task
from annotation.positives import positive_answer
from annotation.rubric_versions import rubric_of
from generation.actions.selections import Choice, record_selections
from generation.owning import OWNER
from generation.provenance import author_of
from work.statements import Given, Select

PEOPLE_WHO_VOTE = (Role.PEER, Role.EXPERT)
TASK = Given("task", UUIDField())
LOCK: Select[Task] = Select(
    Task.objects.select_for_update(no_key=True, of=("self",)).filter(pk=TASK).only("pk")
)
WAITING: Select[Assignment] = Select(
    Assignment.objects.filter(
        task=TASK,
        role__in=PEOPLE_WHO_VOTE,
        state__in=(Assignment.State.FREE, Assignment.State.LEASED),
    ).only("pk")[:1]
)


def select_what_was_decided(*, task: Task, judgments: Sequence[Judgment]) -> None:
    """Record which attributes matter for the task's prompt, as far as these judgments decide it.

    The owner decides alone; peers by strict majority, once their last place is filled; each
    model for itself, by what it said first (plain arm, sample 0). What is asked beside that, such
    as gold and repeats, decides nothing.
    """
    if task.stage != Stage.RELEVANCE or task.purpose != Purpose.MAIN or not judgments:
        return
    role, rater = judgments[0].role, judgments[0].rater
    if role == Role.OWNER:
        _record(task, OWNER, _votes(task, judgments))
    elif role == Role.LLM:
        said = [row for row in judgments if row.arm == "plain" and row.sample == 0]
        _record(task, author_of(rater.model), _votes(task, said))
    elif not _is_waiting_for_peers(task):
        _record(task, "peers", _votes(task, _answers_of_peers(task)))


def _is_waiting_for_peers(task: Task) -> bool:
    # Of two who fill the last places at once, the second one must see the first.
    LOCK(task=task.pk)
    return bool(WAITING(task=task.pk))


def _answers_of_peers(task: Task) -> list[Judgment]:
    given = task.judgments.filter(role__in=PEOPLE_WHO_VOTE, is_usable=True, is_surplus=False)
    return list(given.latest_revisions().select_related("item"))


def _votes(task: Task, judgments: Sequence[Judgment]) -> dict[UUID, list[bool]]:
    """Attribute id → the yes and no answers to the rubric's yes-or-no question."""
    rubric = rubric_of(task.study, task.stage)
    votes: dict[UUID, list[bool]] = defaultdict(list)
    for judgment in judgments:
        answer = positive_answer(rubric, judgment.answers)
        if answer is not None and judgment.item.attribute_id:
            votes[judgment.item.attribute_id].append(answer)
    return votes


def _record(task: Task, source: str, votes: dict[UUID, list[bool]]) -> None:
    """An even split decides nothing."""
    choices = [
        Choice(task.prompt_id, attribute, 2 * sum(given) > len(given))
        for attribute, given in votes.items()
        if task.prompt_id and 2 * sum(given) != len(given)
    ]
    if choices:
        record_selections(
            study=task.study, source=source, choices=choices, provenance={"task": task.ref}
        )
