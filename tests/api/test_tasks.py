"""Programs that judge: take, submit, give back."""

from typing import Any

import pytest

from annotation.actions.assignments import claim_next
from annotation.actions.raters import rater_for_participant
from annotation.blinding import blind_name
from annotation.models import Assignment, Judgment, Rater
from studies.actions.entering import enter_study
from studies.models import Participant, Study, User
from tests.api.conftest import Caller, Program
from tests.samples import pairwise_study

NEXT = "/studies/alps/tasks/next/"


@pytest.fixture
def study(db: None) -> Study:
    return pairwise_study(3)


def taken(program: Program, rater: str = "w1") -> dict[str, Any]:
    answer = program.post(NEXT, {"stage": "response", "rater": rater})
    assert answer.status_code == 200, answer.content
    body: dict[str, Any] = answer.json()
    return body


def submission(task: dict[str, Any], answer: Any = "1", **more: Any) -> dict[str, Any]:
    judgments = [{"item": task["items"][0]["id"], "answers": {"preference": answer}}]
    return {"fence": task["fence"], "judgments": judgments, **more}


def submit(program: Program, task: dict[str, Any], body: dict[str, Any]) -> Any:
    return program.post(f"/assignments/{task['assignment']}/submit/", body)


def test_next_gives_everything_needed_to_judge(study: Study, program: Caller) -> None:
    task = taken(program(study))

    assert set(task) == {
        "assignment", "fence", "role", "stage", "lease_until", "context", "items", "rubric",
    }  # fmt: skip
    assert [set(item) for item in task["items"]] == [{"id", "kind", "responses"}]
    assert task["rubric"]["questions"][0]["key"] == "preference"


def test_next_tells_nothing_of_strategy_or_model(study: Study, program: Caller) -> None:
    task = taken(program(study))

    assert [set(response) for response in task["items"][0]["responses"]] == [{"id", "text"}] * 2


def test_next_shows_swapped_sides_swapped(study: Study, program: Caller) -> None:
    tasks = [taken(program(study), f"w{n}") for n in range(6)]

    for task in tasks:
        place = Assignment.objects.select_related("task").get(pk=task["assignment"])
        item = place.task.task_items.get().item
        own = [blind_name(row.ref) for row in (item.first, item.second) if row]
        shown = [response["id"] for response in task["items"][0]["responses"]]
        assert shown == (own[::-1] if place.is_swapped else own)


def test_next_answers_204_when_nothing_is_left(study: Study, program: Caller) -> None:
    Assignment.objects.all().delete()

    answer = program(study).post(NEXT, {"stage": "response", "rater": "w1"})

    assert (answer.status_code, answer.content) == (204, b"")


def test_next_makes_an_external_rater_on_the_declared_basis(study: Study, program: Caller) -> None:
    taken(program(study), "w17")

    assert Participant.objects.get(ref="w17").basis == "external"


def test_next_lets_only_managing_tokens_name_a_rater(study: Study, program: Caller) -> None:
    answer = program(study, scope="judge").post(NEXT, {"stage": "response", "rater": "w1"})

    assert (answer.status_code, answer.json()["error"]["code"]) == (403, "permission_denied")


def test_next_serves_the_tokens_own_user(study: Study, program: Caller) -> None:
    judge = program(study, scope="judge", role="viewer", name="bo")
    participant = Participant.objects.create(
        study=study, user=User.objects.get(username="bo"), ref="bo"
    )
    participant.consents.create(scope="take_part")

    assert judge.post(NEXT, {"stage": "response"}).status_code == 200


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"rater": "w1"}, "stage"),
        ({"stage": "response", "raterr": "w1"}, "raterr"),
        ({"stage": "cooking", "rater": "w1"}, "stage"),
        ({"stage": "response", "rater": "w1", "role": "llm"}, "role"),
        ({"stage": "response", "rater": 7}, "rater"),
        ({"stage": "response", "rater": "x" * 201}, "rater"),
        ({"stage": "response", "rater": " "}, "rater"),
        ({"stage": "response", "rater": "two\nlines"}, "rater"),
    ],
)
def test_next_names_what_is_wrong(
    study: Study, program: Caller, body: dict[str, Any], field: str
) -> None:
    answer = program(study).post(NEXT, body)

    assert (answer.status_code, list(answer.json()["error"]["fields"])) == (422, [field])


def test_submit_stores_the_judgment_and_gives_the_next(study: Study, program: Caller) -> None:
    caller = program(study)
    task = taken(caller)

    answer = submit(caller, task, submission(task, next=True))

    assert answer.status_code == 201
    assert answer.json()["next"]["assignment"] != task["assignment"]
    assert Judgment.objects.count() == 1


def test_submit_with_the_same_key_answers_the_same(study: Study, program: Caller) -> None:
    caller = program(study)
    task = taken(caller)

    answers = [submit(caller, task, submission(task, key="k")).json() for _ in range(2)]

    assert answers[0] == answers[1]
    assert Judgment.objects.count() == 1


def test_submit_refuses_other_answers_under_a_key_that_was_used(
    study: Study, program: Caller
) -> None:
    caller = program(study)
    task = taken(caller)
    submit(caller, task, submission(task, "1", key="k"))

    answer = submit(caller, task, submission(task, "2", key="k"))

    assert (answer.status_code, list(answer.json()["error"]["fields"])) == (422, ["key"])
    assert Judgment.objects.get().revision == 1


def test_submit_refuses_a_second_time(study: Study, program: Caller) -> None:
    caller = program(study)
    task = taken(caller)
    submit(caller, task, submission(task))

    answer = submit(caller, task, submission(task))

    assert (answer.status_code, answer.json()["error"]["code"]) == (409, "already_submitted")


def test_submit_refuses_a_stale_fence(study: Study, program: Caller) -> None:
    caller = program(study)
    task = taken(caller)

    answer = submit(caller, task, submission(task) | {"fence": task["fence"] + 1})

    assert (answer.status_code, answer.json()["error"]["code"]) == (409, "stale_fence")
    assert Judgment.objects.count() == 0


@pytest.mark.parametrize("value", ["3", 1, True, None, ["1"], {"1": "1"}])
def test_submit_refuses_what_is_off_the_scale(study: Study, program: Caller, value: Any) -> None:
    caller = program(study)
    task = taken(caller)

    answer = submit(caller, task, submission(task, value))

    assert (answer.status_code, Judgment.objects.count()) == (422, 0)
    assert list(answer.json()["error"]["fields"]) == [task["items"][0]["id"]]


@pytest.mark.parametrize(
    "body",
    [
        [],
        {"fence": 1},
        {"fence": "1", "judgments": []},
        {"fence": True, "judgments": []},
        {"fence": 1, "judgments": {}},
        {"fence": 1, "judgments": [1]},
        {"fence": 1, "judgments": [{"item": "x", "answers": []}]},
        {"fence": 1, "judgments": [], "next": "yes"},
        {"fence": 1, "judgments": [], "key": "k" * 81},
        {"fence": 1, "judgments": [], "key": ""},
    ],
)
def test_submit_refuses_bodies_of_another_shape(study: Study, program: Caller, body: Any) -> None:
    caller = program(study)
    task = taken(caller)

    answer = submit(caller, task, body)

    assert (answer.status_code, Judgment.objects.count()) == (422, 0)
    assert answer.json()["error"]["message"]


def test_submit_refuses_what_is_not_json(study: Study, program: Caller) -> None:
    caller = program(study)
    task = taken(caller)

    for body in (b'{"fence": ', b"\xff\xfe", b'{"fence": NaN}'):
        answer = caller.client.post(
            f"/api/v1/assignments/{task['assignment']}/submit/",
            body,
            content_type="application/json",
        )
        assert answer.status_code == 400


def test_submit_does_not_know_tasks_of_foreign_studies(study: Study, program: Caller) -> None:
    task = taken(program(study))
    other = pairwise_study(1, slug="other")

    answer = submit(program(other, name="eve"), task, submission(task))

    assert (answer.status_code, answer.json()["error"]["code"]) == (404, "not_found")


def test_release_gives_the_place_to_the_next(study: Study, program: Caller) -> None:
    caller = program(study)
    Assignment.objects.exclude(pk=Assignment.objects.order_by("rank")[0].pk).delete()
    task = taken(caller, "w1")

    answer = caller.post(
        f"/assignments/{task['assignment']}/release/", {"fence": 1, "reason": "tired"}
    )

    assert answer.json() == {"assignment": task["assignment"], "state": "free"}
    assert taken(caller, "w2")["assignment"] == task["assignment"]


def test_next_refuses_the_name_of_a_model(study: Study, program: Caller) -> None:
    Rater.objects.create(study=study, ref="gpt", kind="llm", model="gpt")

    answer = program(study).post(NEXT, {"stage": "response", "rater": "gpt"})

    assert (answer.status_code, list(answer.json()["error"]["fields"])) == (422, ["rater"])


def test_next_lets_nobody_act_for_who_takes_part_in_person(study: Study, program: Caller) -> None:
    person = enter_study(study=study, scopes=["take_part"])

    answer = program(study).post(NEXT, {"stage": "response", "rater": person.ref})

    assert answer.status_code == 403


def test_submit_lets_nobody_answer_for_who_takes_part_in_person(
    study: Study, program: Caller
) -> None:
    rater = rater_for_participant(enter_study(study=study, scopes=["take_part"]))
    place = claim_next(study=study, stage="response", role="peer", rater=rater)
    assert place

    task = {"assignment": place.pk, "fence": place.fence, "items": [{"id": "any"}]}
    answers = [
        submit(program(study), task, submission(task)),
        program(study).post(f"/assignments/{place.pk}/release/", {"fence": place.fence}),
    ]

    assert [answer.status_code for answer in answers] == [404, 404]
    assert not Judgment.objects.exists()


def test_next_asks_nobody_before_what_comes_first(study: Study, program: Caller) -> None:
    caller = program(study, role="viewer", scope="judge")
    Participant.objects.create(
        study=study,
        ref="p1",
        user=User.objects.get(username="ada"),
        basis="platform",
        outcome=Participant.Outcome.ATTENTION,
    )

    answer = caller.post(NEXT, {"stage": "response"})

    assert answer.status_code == 403
    assert "says why" in answer.json()["error"]["message"]


def test_a_rater_who_reached_the_quota_is_told_and_what_they_sent_is_stored(
    study: Study, program: Caller
) -> None:
    study.document["stages"]["response"]["eligibility"] = {"peer": {"quota": 1}}
    study.save()
    one = program(study)

    sent = submit(one, task := taken(one), submission(task, next=True))
    refused = one.post(NEXT, {"stage": "response", "rater": "w1"})

    assert (sent.status_code, sent.json()["next"]) == (201, None)
    assert Judgment.objects.count() == 1
    assert refused.status_code == 403
    assert "as many of these as one person may" in refused.content.decode()
