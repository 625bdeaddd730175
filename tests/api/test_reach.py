"""What a token may not touch does not exist, and no token at all opens nothing."""

import json

import pytest
from django.test import Client, RequestFactory

from api.errors import server_error
from studies.models import ApiToken, Study
from tests.api.conftest import Caller
from tests.samples import pairwise_study

READS = [
    "/studies/alps/",
    "/studies/alps/runs/",
    "/studies/alps/releases/",
    "/studies/alps/agreement/?stage=response",
    "/studies/alps/export/judgments.jsonl",
]
WRITES = [
    "/studies/alps/import/",
    "/studies/alps/runs/",
    "/studies/alps/releases/",
    "/studies/alps/tasks/next/",
]


@pytest.fixture
def study(db: None) -> Study:
    return pairwise_study(1)


def test_root_leads_to_documentation_and_studies(client: Client) -> None:
    answer = client.get("/api/v1/")

    assert answer.status_code == 200
    assert answer.json() == {
        "version": "v1",
        "documentation": "http://testserver/api/docs/",
        "schema": "http://testserver/api/schema/",
        "studies": "http://testserver/api/v1/studies/",
    }


@pytest.mark.parametrize("path", ["/studies/", *READS])
def test_reads_need_a_token(study: Study, path: str) -> None:
    answer = Client().get(f"/api/v1{path}")

    assert (answer.status_code, answer.json()["error"]["code"]) == (401, "not_authenticated")


@pytest.mark.parametrize("path", READS)
def test_reads_do_not_know_foreign_studies(study: Study, program: Caller, path: str) -> None:
    stranger = program(pairwise_study(1, slug="other"), name="eve")

    assert stranger.client.get(f"/api/v1{path}").status_code == 404


@pytest.mark.parametrize("path", WRITES)
def test_writes_do_not_know_foreign_studies(study: Study, program: Caller, path: str) -> None:
    stranger = program(pairwise_study(1, slug="other"), name="eve")

    assert stranger.post(path, {"stage": "response", "rater": "w"}).status_code == 404


@pytest.mark.parametrize("path", WRITES)
def test_writes_are_not_for_reading_tokens(study: Study, program: Caller, path: str) -> None:
    assert program(study, scope="read").post(path, {}).status_code == 403


@pytest.mark.parametrize("path", WRITES[:3])
def test_managing_is_not_for_viewers(study: Study, program: Caller, path: str) -> None:
    assert program(study, scope="manage", role="viewer").post(path, {}).status_code == 403


@pytest.mark.parametrize("path", READS)
def test_reads_answer_members(study: Study, program: Caller, path: str) -> None:
    answer = program(study, scope="read", role="viewer").client.get(f"/api/v1{path}")

    assert answer.status_code == 200


def test_list_holds_only_ones_own_studies(study: Study, program: Caller) -> None:
    pairwise_study(1, slug="other")

    body = program(study).get("/studies/").json()

    assert (body["count"], [row["slug"] for row in body["results"]]) == (1, ["alps"])


def test_a_token_is_kept_as_a_digest_only(study: Study, program: Caller) -> None:
    caller = program(study)

    kept = ApiToken.objects.values_list("digest", "token_key").get()

    assert caller.token not in kept


def test_the_old_word_for_a_token_is_understood(study: Study, program: Caller) -> None:
    caller = program(study)

    answer = Client(headers={"Authorization": f"Token {caller.token}"}).get("/api/v1/studies/")

    assert answer.status_code == 200


@pytest.mark.parametrize("method", ["get", "post", "put", "patch", "delete"])
def test_an_unknown_address_answers_in_the_same_shape(db: None, method: str) -> None:
    answer = getattr(Client(enforce_csrf_checks=True), method)("/api/v1/nothing/here/")

    assert (answer.status_code, answer.json()["error"]["code"]) == (404, "not_found")


def test_what_nobody_foresaw_answers_in_the_same_shape(rf: RequestFactory) -> None:
    answer = server_error(rf.get("/api/v1/studies/"))

    assert (answer.status_code, json.loads(answer.content)["error"]["code"]) == (
        500,
        "server_error",
    )
