"""What a program may send beside its answers, and every submission that must not be stored."""

from typing import Any

import pytest

from annotation.models import Judgment
from studies.models import Study
from tests.api.conftest import Caller
from tests.api.test_tasks import submission, submit, taken
from tests.samples import close_studies, pairwise_study

MEGABYTES = 10 * 1024 * 1024


@pytest.fixture
def study(db: None) -> Study:
    return pairwise_study(3)


def beside(task: dict[str, Any], **more: Any) -> dict[str, Any]:
    """A submission with more beside its only answer."""
    body = submission(task)
    body["judgments"][0] |= more
    return body


def test_submit_keeps_the_signs_of_attention(study: Study, program: Caller) -> None:
    caller = program(study)
    task = taken(caller)

    answer = submit(caller, task, beside(task, seconds=3, idle_seconds=31.5, pasted=12))

    assert answer.status_code == 201, answer.content
    kept = Judgment.objects.values_list("seconds", "idle_seconds", "pasted").get()
    assert kept == (3.0, 31.5, 12)


@pytest.mark.parametrize(
    "more",
    [
        {"idle_seconds": -1},
        {"idle_seconds": True},
        {"idle_seconds": "3"},
        {"seconds": 10**8},
        {"pasted": -1},
        {"pasted": 1.5},
        {"pasted": 2**31},
        {"comment": None},
        {"comment": "c" * 5_001},
        {"flag": "rude"},
        {"mood": "good"},
    ],
)
def test_submit_refuses_what_cannot_be_kept(
    study: Study, program: Caller, more: dict[str, Any]
) -> None:
    caller = program(study)
    task = taken(caller)

    answer = submit(caller, task, beside(task, **more))

    assert (answer.status_code, Judgment.objects.count()) == (422, 0)
    assert submit(caller, task, submission(task)).status_code == 201


def test_submit_refuses_a_foreign_item(study: Study, program: Caller) -> None:
    caller = program(study)
    task, other = taken(caller), taken(caller, "w2")

    answer = submit(caller, task, submission(other) | {"fence": task["fence"]})

    assert (answer.status_code, Judgment.objects.count()) == (422, 0)


def test_submit_refuses_after_the_study_closed(study: Study, program: Caller) -> None:
    caller = program(study)
    task = taken(caller)
    close_studies()

    answer = submit(caller, task, submission(task))

    assert (answer.status_code, Judgment.objects.count()) == (403, 0)


def test_submit_refuses_ten_megabytes_of_comment(study: Study, program: Caller) -> None:
    caller = program(study)
    task = taken(caller)

    answer = submit(caller, task, beside(task, comment="c" * MEGABYTES))

    assert (answer.status_code, Judgment.objects.count()) == (413, 0)
    assert "error" in answer.json()
