"""What the study document names as known no more: given to nobody, and no measure of anybody."""

import copy
from typing import Any

import pytest

from annotation.actions.tasks import open_tasks
from annotation.models import Judgment, Task, TaskItem
from generation.models import Prompt
from studies.actions.studies import load_study
from studies.models import Study
from tests.annotation.test_beside import gold, study_with
from tests.annotation.working import answer, claim, purposes, rater, work
from tests.generation.machine import work_off

pytestmark = pytest.mark.django_db


def name(study: Study, known: dict[str, Any] | None) -> Study:
    """The study whose document names this as gold."""
    document = copy.deepcopy(study.document)
    document["stages"]["response"].pop("gold", None)
    if known:
        document["stages"]["response"]["gold"] = known
    study = load_study(document=document, by=None)
    work_off()
    return study


def opened(count: int, practice: int = 1) -> Study:
    """A study that asks gold as practice."""
    study = study_with(6, gold=gold(count, practice=practice))
    work_off()
    open_tasks(study=study, stage="response")
    return study


def test_gold_that_nobody_was_given_goes() -> None:
    name(opened(2), gold(1, practice=1))

    (task,) = Task.objects.filter(purpose="gold")
    assert task.prompt == Prompt.objects.get(ref="q0000")


def test_gold_taken_out_is_given_to_nobody_and_measures_nothing() -> None:
    study = opened(1)
    work(study, rater(study, "w1"), 1)

    study = name(study, None)

    assert Judgment.objects.filter(task__purpose="gold").count() == 1
    assert list(TaskItem.objects.filter(purpose="gold").values_list("expected")) == [(None,)]
    assert purposes(work(study, rater(study, "w2"), 9)) == ["main"] * 5


def test_what_is_left_is_given_still() -> None:
    study = opened(2, practice=2)
    work(study, rater(study, "w1"), 2)

    study = name(study, gold(1, practice=1, every=2))

    later = [place for place in work(study, rater(study, "w2"), 9) if place.purpose == "gold"]
    assert [place.task.prompt for place in later] == [Prompt.objects.get(ref="q0000")]


def test_a_place_held_while_its_gold_is_taken_out_is_answered_like_any_other() -> None:
    study = opened(1)
    place = claim(study, rater(study, "w1"))
    assert place
    assert place.purpose == "gold"

    name(study, None)

    answer(place, preference="2")
    place.refresh_from_db()
    assert place.state == "done"


def test_gold_named_again_is_asked_again() -> None:
    study = opened(1)
    named = study.document["stages"]["response"]["gold"]
    name(study, None)

    study = name(study, named)

    assert purposes(work(study, rater(study, "w1"), 1)) == ["gold"]


def test_known_answers_that_came_in_a_bundle_stay() -> None:
    study = opened(1)
    Task.objects.update(extra={})

    name(study, None)

    (entry,) = TaskItem.objects.filter(purpose="gold")
    assert entry.expected == {"preference": "1"}
