"""The page on which a study is made: who may, what is refused, with its place."""

from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from studies.models import Study, User
from tests.web.pages import text_of

DOCUMENT = "slug: dolomites\ntitle: {en: Dolomites}\nstages: {extraction: {}}\n"


@pytest.fixture
def founder(client: Client, db: None) -> Client:
    """Somebody who may make studies."""
    client.force_login(User.objects.create_superuser("founder"))
    return client


def test_making_a_study_needs_permission(researcher: Client) -> None:
    assert researcher.get("/studies/new/").status_code == 403
    assert researcher.post("/studies/new/", {"text": DOCUMENT}).status_code == 403
    assert Study.objects.count() == 1


def test_study_is_made_from_text(founder: Client) -> None:
    response = founder.post("/studies/new/", {"text": DOCUMENT})

    assert response["Location"] == "/studies/dolomites/"
    assert founder.get("/studies/dolomites/").status_code == 200


def test_existing_study_is_not_made_again(founder: Client) -> None:
    founder.post("/studies/new/", {"text": DOCUMENT})

    response = founder.post("/studies/new/", {"text": DOCUMENT.replace("Dolomites}", "Other}")})

    assert response.status_code == 422
    assert "data-faults" in text_of(response)
    assert Study.objects.get().title() == "Dolomites"


def test_study_is_made_from_a_file(founder: Client) -> None:
    file = SimpleUploadedFile("study.yaml", DOCUMENT.encode())

    assert founder.post("/studies/new/", {"file": file}).status_code == 302


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        ({"text": "slug: x\ntitel: {en: X}\n"}, "line 2"),
        ({"text": "slug: [\n"}, "This is not YAML or JSON"),
        ({"text": ""}, "Choose a file or paste a document."),
        ({"file": SimpleUploadedFile("s.yaml", b"slug: \xff")}, "not UTF-8: byte 6"),
    ],
)
def test_faulty_document_is_refused_with_its_place(
    founder: Client, data: dict[str, Any], sentence: str
) -> None:
    response = founder.post("/studies/new/", data)

    assert response.status_code == 422
    assert sentence in text_of(response)
    assert Study.objects.count() == 0
