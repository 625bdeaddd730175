"""What programs are told: after practice what was right, and why nothing more is asked."""

from typing import Any

import pytest
from django.utils import timezone

from annotation.models import Assignment
from studies.models import Participant, Study
from tests.annotation.test_beside import gold, study_with
from tests.api.conftest import Caller, Program

NEXT = "/studies/alps/tasks/next/"


def ask(caller: Program) -> Any:
    return caller.post(NEXT, {"stage": "response", "rater": "w1"})


def send(caller: Program, task: dict[str, Any], value: str, **more: Any) -> dict[str, Any]:
    judgments = [{"item": task["items"][0]["id"], "answers": {"preference": value}}]
    body = {"fence": task["fence"], "judgments": judgments, **more}
    answer = caller.post(f"/assignments/{task['assignment']}/submit/", body)
    assert answer.status_code == 201, answer.content
    told: dict[str, Any] = answer.json()
    return told


def side_of_the_right_one(task: dict[str, Any]) -> str:
    """Gold is right where the first response wins; that may have been shown second."""
    return "2" if Assignment.objects.get(pk=task["assignment"]).is_swapped else "1"


@pytest.fixture
def study(db: None) -> Study:
    """Two practice items, then others."""
    return study_with(8, gold=gold(3, practice=2, every=2))


@pytest.mark.parametrize("is_right", [True, False])
def test_practice_says_what_was_right(study: Study, program: Caller, is_right: bool) -> None:
    caller = program(study)
    task = ask(caller).json()
    right = side_of_the_right_one(task)
    said = right if is_right else "21"[int(right) - 1]

    (lesson,) = send(caller, task, said)["feedback"]

    words = {option["value"]: option["label"]["en"] for option in options_of(task)}
    assert lesson == {
        "item": task["items"][0]["id"],
        "key": "preference",
        "about": "",
        "question": "Which answer is better?",
        "said": words[said],
        "right": words[right],
        "is_right": is_right,
    }


def options_of(task: dict[str, Any]) -> list[dict[str, Any]]:
    options: list[dict[str, Any]] = task["rubric"]["questions"][0]["options"]
    return options


def test_only_practice_is_talked_about(study: Study, program: Caller) -> None:
    caller = program(study)
    told = []
    for _ in range(8):
        task = ask(caller).json()
        told.append("feedback" in send(caller, task, "1"))

    assert told == [True, True] + [False] * 6
    assert Assignment.objects.filter(purpose="gold", state="done").count() == 3


def test_the_same_submission_again_is_told_the_same(study: Study, program: Caller) -> None:
    caller = program(study)
    task = ask(caller).json()
    first = send(caller, task, "1", key="k")
    for _ in range(3):
        send(caller, ask(caller).json(), "1")

    assert send(caller, task, "1", key="k") == first


def test_next_task_comes_beside_the_feedback(study: Study, program: Caller) -> None:
    caller = program(study)

    told = send(caller, ask(caller).json(), "1", next=True)

    assert (set(told), told["next"]["fence"]) == (
        {"assignment", "judgments", "feedback", "next"},
        1,
    )


@pytest.mark.parametrize(
    ("outcome", "sentence"),
    [("attention", "not answered as expected"), ("screened_out", "looks for other people")],
)
def test_whose_way_has_ended_is_told_so(
    study: Study, program: Caller, outcome: str, sentence: str
) -> None:
    caller = program(study)
    task = ask(caller).json()
    Participant.objects.update(outcome=outcome)
    Assignment.objects.filter(pk=task["assignment"]).update(
        state="skipped", lease_until=None, finished_at=timezone.now()
    )

    refused = ask(caller)

    assert (refused.status_code, refused.json()["error"]["code"]) == (403, "not_eligible")
    assert sentence in refused.json()["error"]["message"]


def test_who_has_not_taken_the_check_is_told_that_something_comes_before(
    study: Study, program: Caller
) -> None:
    study.document["stages"]["response"]["eligibility"] = {"peer": {"comprehension": True}}
    study.save()

    refused = ask(program(study))

    assert refused.json()["error"]["code"] == "not_eligible"
    assert "Something comes before this" in refused.json()["error"]["message"]
