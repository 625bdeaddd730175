"""Bodies that no database takes or nobody should send: refused with a place, nothing stored."""

import json
from typing import Any

import pytest

from annotation.models import Judgment
from studies.models import Participant, Study
from tests.api.conftest import Caller
from tests.samples import pairwise_study

NEXT = "/studies/alps/tasks/next/"
SURROGATE = "a\ud800"
NUL = "a\x00"


@pytest.fixture
def study(db: None) -> Study:
    return pairwise_study(1)


@pytest.mark.parametrize("text", [SURROGATE, NUL], ids=["surrogate", "NUL"])
@pytest.mark.parametrize(
    ("path", "body", "field"),
    [
        (NEXT, {"stage": "response", "rater": "TEXT"}, "rater"),
        ("/studies/alps/runs/", {"kind": "response", "endpoint": "TEXT"}, "endpoint"),
        ("/studies/alps/runs/", {"kind": "judging", "stage": "response", "judge": "TEXT"}, "judge"),
        ("/studies/", {"slug": "alps", "title": {"en": "TEXT"}}, "title.en"),
    ],
    ids=["rater", "endpoint", "judge", "study document"],
)
def test_unstorable_text_is_refused_with_its_place(
    study: Study, program: Caller, text: str, path: str, body: dict[str, Any], field: str
) -> None:
    sent = json.dumps(body).replace('"TEXT"', json.dumps(text))

    answer = program(study).post(path, sent)

    study.refresh_from_db()
    assert (answer.status_code, list(answer.json()["error"]["fields"])) == (422, [field])
    assert (study.document["title"]["en"], Participant.objects.count()) == ("alps", 0)


@pytest.mark.parametrize("text", [SURROGATE, NUL], ids=["surrogate", "NUL"])
@pytest.mark.parametrize(
    "place", ["key", "judgments[0].item", "judgments[0].comment", "judgments[0].answers.preference"]
)
def test_submit_refuses_unstorable_text_with_its_place(
    study: Study, program: Caller, text: str, place: str
) -> None:
    caller = program(study)
    task = caller.post(NEXT, {"stage": "response", "rater": "w1"}).json()
    entry = {"item": task["items"][0]["id"], "answers": {"preference": "1"}, "comment": "-"}
    body: dict[str, Any] = {"fence": 1, "key": "k", "judgments": [entry]}
    put(body, place, text)

    answer = caller.post(f"/assignments/{task['assignment']}/submit/", json.dumps(body))

    assert (answer.status_code, list(answer.json()["error"]["fields"])) == (422, [place])
    assert Judgment.objects.count() == 0


def put(body: dict[str, Any], place: str, text: str) -> None:
    """Set what stands at a place such as `judgments[0].answers.preference`."""
    *way, last = place.replace("[0]", ".0").split(".")
    inner: Any = body
    for step in way:
        inner = inner[0] if step == "0" else inner[step]
    inner[last] = text


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        (b"[" * 100_000, 400, "parse_error"),
        (b'{"stage": "response", "stage": "response"}', 400, "parse_error"),
        (b'{"stage": "\xff"}', 400, "parse_error"),
        (b'{"stage": "' + 5_000_000 * b"x" + b'"}', 413, "too_large"),
    ],
    ids=["nested without end", "a key twice", "not UTF-8", "5 MB"],
)
def test_bodies_that_are_no_request_are_refused_in_one_shape(
    study: Study, program: Caller, body: bytes, status: int, code: str
) -> None:
    answer = program(study).post(NEXT, body)

    assert (answer.status_code, answer.json()["error"]["code"]) == (status, code)


def test_turn_of_5_mb_is_refused_with_its_line(study: Study, program: Caller) -> None:
    turn = {"role": "user", "content": 5_000_000 * "x"}
    line = {"kind": "conversation", "id": "c1", "source": "imported", "turns": [turn]}

    answer = program(study).post(
        "/studies/alps/import/", json.dumps(line), content_type="application/x-ndjson"
    )

    (fault,) = answer.json()["error"]["fields"]["faults"]
    assert (answer.status_code, study.conversations.count()) == (422, 0)
    assert (fault["line"], fault["field"]) == (1, "turns[0].content")


@pytest.mark.parametrize("token", ["", "fh_unknown", "x" * 5_000, "\xff", "a b"])
def test_tokens_that_are_none_open_nothing(study: Study, program: Caller, token: str) -> None:
    caller = program(study)
    caller.client.defaults["HTTP_AUTHORIZATION"] = f"Bearer {token}"

    assert caller.get("/studies/").status_code == 401
