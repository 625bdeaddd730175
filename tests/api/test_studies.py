"""Studies, imports, figures and exports by API."""

import json
from typing import Any

import pytest

from annotation.models import Item
from studies.models import Study
from tests.api.conftest import Caller
from tests.samples import PREFERENCE, make_study, pairwise_study

DOCUMENT = {
    "slug": "new",
    "title": {"en": "New"},
    "stages": {"response": {"rubric": PREFERENCE}},
}


@pytest.fixture
def study(db: None) -> Study:
    return make_study("new", {"response": {"rubric": PREFERENCE}})


def bundle(*lines: Any) -> bytes:
    return "\n".join(json.dumps(line) for line in lines).encode()


def test_post_brings_a_study_up_to_its_document(study: Study, program: Caller) -> None:
    answer = program(study).post("/studies/", {**DOCUMENT, "languages": ["ko"]})

    study.refresh_from_db()
    assert (answer.status_code, study.languages) == (201, ["ko"])


def test_post_names_the_line_of_a_fault_in_yaml(study: Study, program: Caller) -> None:
    answer = program(study).post(
        "/studies/", "slug: new\ntitle: {en: New}\ncolour: red\n", content_type="application/yaml"
    )

    assert answer.status_code == 422
    assert "line 3" in answer.json()["error"]["message"]
    assert "colour" in answer.json()["error"]["message"]


def test_post_cannot_make_another_study_with_a_studys_token(study: Study, program: Caller) -> None:
    answer = program(study).post("/studies/", {**DOCUMENT, "slug": "another"})

    assert (answer.status_code, Study.objects.count()) == (403, 1)


def test_import_stores_a_bundle(study: Study, program: Caller) -> None:
    lines = bundle(
        {"kind": "prompt", "id": "q1", "text": "Hello"},
        {"kind": "response", "id": "r1", "prompt": "q1", "text": "A"},
        {"kind": "response", "id": "r2", "prompt": "q1", "text": "B"},
        {
            "kind": "item",
            "id": "i1",
            "stage": "response",
            "prompt": "q1",
            "responses": ["r1", "r2"],
        },
    )

    answer = program(study).post("/studies/new/import/", lines, content_type="application/x-ndjson")

    assert (answer.status_code, answer.json()["counts"]["item"]) == (201, 1)
    assert Item.objects.get().ref == "i1"


@pytest.mark.parametrize(
    ("lines", "reason"),
    [
        (
            b'{"kind":"prompt","id":"q1","text":"a"}\n{"kind":"response","id":"r","prompt":"x","text":""}',
            "x",
        ),
        (b'{"kind":"prompt","id":"q1","text":"\xff"}', "UTF-8"),
        (b'{"kind":"prompt","id":"q1","text":"a\\u0000"}', "NUL"),
        (b'{"kind":"prompt","id":', "JSON"),
        (b'{"kind":"cake","id":"q1"}', "cake"),
    ],
    ids=["dangling", "not utf-8", "nul", "cut", "unknown kind"],
)
def test_import_names_line_and_reason_and_stores_nothing(
    study: Study, program: Caller, lines: bytes, reason: str
) -> None:
    answer = program(study).post("/studies/new/import/", lines, content_type="application/x-ndjson")

    fault = answer.json()["error"]["fields"]["faults"][0]
    assert (answer.status_code, study.prompts.count()) == (422, 0)
    assert reason in fault["reason"]


def test_agreement_is_the_commands_document(study: Study, program: Caller) -> None:
    body = program(study).get("/studies/new/agreement/", stage="response").json()

    assert (body["question"], body["scale"], body["items"]) == ("preference", "nominal", 0)
    assert body["undefined"] != []


@pytest.mark.parametrize(
    "query",
    [{}, {"stage": "x"}, {"stage": "relevance"}, {"stage": "response", "question": "x"}],
)
def test_agreement_refuses_what_there_is_not(
    study: Study, program: Caller, query: dict[str, str]
) -> None:
    assert program(study).get("/studies/new/agreement/", **query).status_code == 422


@pytest.mark.parametrize("form", ["jsonl", "csv", "parquet"])
def test_export_streams_every_format(program: Caller, db: None, form: str) -> None:
    caller = program(pairwise_study(2))

    answer = caller.get(f"/studies/alps/export/responses.{form}")

    assert answer.status_code == 200
    assert b"".join(answer.streaming_content) != b""


@pytest.mark.parametrize("name", ["cakes.csv", "judgments.xml"])
def test_export_refuses_other_tables_and_formats(study: Study, program: Caller, name: str) -> None:
    assert program(study).get(f"/studies/new/export/{name}").status_code == 422


def test_a_run_is_planned_and_shown(program: Caller, db: None) -> None:
    caller = program(pairwise_study(2))

    answer = caller.post("/studies/alps/runs/", {"kind": "response"})

    assert answer.status_code == 202, answer.content
    found = caller.get(f"/studies/alps/runs/{answer.json()['id']}/").json()
    assert found["progress"]["total"] == found["progress"]["ready"] > 0


@pytest.mark.parametrize(
    "body", [{}, {"kind": "x"}, {"kind": "judging", "stage": "response", "judge": "nobody"}]
)
def test_a_run_of_nothing_known_is_refused(
    study: Study, program: Caller, body: dict[str, str]
) -> None:
    assert program(study).post("/studies/new/runs/", body).status_code == 422


def test_a_release_is_planned_once_at_a_time(program: Caller, db: None) -> None:
    caller = program(pairwise_study(1))

    answer = caller.post("/studies/alps/releases/")

    assert (answer.status_code, answer.json()["state"]) == (202, "planned")
    read = caller.get(f"/releases/{answer.json()['id']}/")
    assert read.json()["version"] == 1


def test_program_closes_the_study_and_opens_it_again(program: Caller, study: Study) -> None:
    caller = program(study)

    states = [caller.post(f"/studies/new/{act}/").json()["state"] for act in ("close", "open")]

    assert states == ["closed", "open"]


def test_reading_token_closes_nothing(program: Caller, study: Study) -> None:
    assert program(study, "read").post("/studies/new/close/").status_code == 403
    assert Study.objects.get().is_open
