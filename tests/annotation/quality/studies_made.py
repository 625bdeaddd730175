"""A study in which one rater does not look."""

from datetime import UTC, datetime, timedelta
from random import Random

from annotation.models import Item, Judgment, Rater, TaskItem
from studies.models import Study
from tests.annotation.judged import peer_of
from tests.samples import PREFERENCE, make_pairs, make_participant, make_study

COUNT = 40
START = datetime(2026, 11, 2, tzinfo=UTC)


def study_of_four(count: int = COUNT) -> Study:
    """Three peers who agree except here and there, and one who always says the same, at once.

    They answer in one shuffled order, the same in each study made: runs of answers depend on it.
    """
    study = make_study(stages={"response": {"rubric": PREFERENCE}})
    make_pairs(study, count, make_participant(study))
    raters = [peer_of(study, number) for number in (0, 1, 2, 9)]
    order = Random(7).sample(range(count), count)
    entries = TaskItem.objects.filter(task__study=study).select_related("item", "task")
    Judgment.objects.bulk_create(
        _judgment(entry, rater, number, place, order[number])
        for number, entry in enumerate(entries.order_by("item__ref"))
        for place, rater in enumerate(raters)
    )
    return study


def items_of(study: Study) -> list[Item]:
    """In the order of their names."""
    return list(study.items.order_by("ref"))


def _judgment(entry: TaskItem, rater: Rater, number: int, place: int, turn: int) -> Judgment:
    right, wrong = ("1", "2") if number % 2 else ("2", "1")
    said = "1" if place == 3 else wrong if number % 10 == place else right
    return Judgment(
        study=entry.task.study,
        stage="response",
        item=entry.item,
        task=entry.task,
        rater=rater,
        role="peer",
        rubric_version=1,
        answers={"preference": said},
        seconds=0.2 if place == 3 else 20,
        submitted_at=START + timedelta(minutes=turn),
    )
