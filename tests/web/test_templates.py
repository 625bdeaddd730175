"""What holds for every template, style sheet and script."""

import re
from pathlib import Path

import pytest
from django.conf import settings
from django.db import transaction
from django.test import Client

from studies.models import Study, User
from tests.web.pages import text_of

TEMPLATES = sorted((settings.BASE_DIR / "templates").rglob("*.html"))
SCRIPTS = sorted((settings.BASE_DIR / "static" / "js").glob("*.js"))
SHEETS = sorted((settings.BASE_DIR / "static" / "css").glob("*.css"))
INLINE = re.compile(
    r"<style|\sstyle=|\son[a-z]+=|<script(?![^>]*\ssrc=)|javascript:", re.IGNORECASE
)
TRUSTING = re.compile(r"\|\s*safe\b|autoescape off|mark_safe")


def name_of(path: Path) -> str:
    return str(path.relative_to(settings.BASE_DIR))


@pytest.mark.parametrize("path", TEMPLATES, ids=name_of)
def test_template_is_short_and_has_nothing_inline(path: Path) -> None:
    source = path.read_text()

    assert INLINE.findall(source) == []
    assert TRUSTING.findall(source) == []
    assert len(source.splitlines()) < 100


@pytest.mark.parametrize("path", SCRIPTS, ids=name_of)
def test_script_is_one_short_behaviour(path: Path) -> None:
    source = path.read_text()

    assert source.startswith("// ")
    assert len(source.splitlines()) < 100
    assert re.findall(r"innerHTML|insertAdjacentHTML|\beval\(|https?:", source) == []


@pytest.mark.parametrize("path", SHEETS, ids=name_of)
def test_colours_are_written_as_tokens_only(path: Path) -> None:
    if path.name != "tokens.css":
        assert re.findall(r"#[0-9a-f]{3,8}\b|rgba?\(|hsla?\(", path.read_text()) == []
    assert len(path.read_text().splitlines()) < 400


ADDRESSES = ["/", "/judge/", "/me/", "/s/alps/", "/accounts/login/", "/accounts/password/reset/"]


@pytest.mark.parametrize("address", ADDRESSES)
def test_page_forbids_what_it_does_not_need(client: Client, study: Study, address: str) -> None:
    response = client.get(address)

    assert response.status_code == 200
    assert "script-src 'self'" in response["Content-Security-Policy"]
    assert "unsafe" not in response["Content-Security-Policy"]
    assert re.findall(r'(?:src|href)="(?:https?:)?//', text_of(response)) == []


def test_signup_is_closed(client: Client, db: None) -> None:
    response = client.post(
        "/accounts/signup/",
        {
            "email": "somebody@example.org",
            "username": "somebody",
            "password1": "a good long one",
            "password2": "a good long one",
        },
    )

    assert response.status_code == 200
    assert User.objects.count() == 0


def test_researcher_signs_in_and_out(client: Client, manager: User) -> None:
    data = {"login": "manager", "password": "a good long one"}
    signed_in = client.post("/accounts/login/?next=/studies/", {**data, "next": "/studies/"})
    signed_out = client.post("/accounts/logout/")

    assert (signed_in["Location"], signed_out["Location"]) == ("/studies/", "/?signed_out=1")


@pytest.mark.parametrize("address", ["/nothing/", "/s/no-such-study/", "/studies/a%00b/"])
def test_unknown_address_gets_a_page_of_the_site(client: Client, db: None, address: str) -> None:
    response = client.get(address)

    assert response.status_code == 404
    assert "There is nothing here" in text_of(response)


def test_failure_gets_a_page_of_the_site(
    client: Client, db: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    client.raise_request_exception = False
    monkeypatch.setattr(settings, "ROOT_URLCONF", "tests.web.failing")

    response = client.get("/fail/")

    assert response.status_code == 500
    assert "went wrong on our side" in text_of(response)


@pytest.mark.parametrize("place", ["", "/api"])
def test_database_that_is_away_is_said_as_such(
    client: Client, db: None, monkeypatch: pytest.MonkeyPatch, place: str
) -> None:
    client.raise_request_exception = False
    monkeypatch.setattr(settings, "ROOT_URLCONF", "tests.web.failing")

    response = client.get(f"{place}/away/")

    assert (response.status_code, response["Retry-After"]) == (503, "10")
    if place:
        assert response.json()["error"]["code"] == "unavailable"
    else:
        assert "cannot answer for a moment" in text_of(response)


@pytest.mark.parametrize("place", ["", "/api"])
def test_question_that_a_database_refuses_is_a_fault(
    client: Client, db: None, monkeypatch: pytest.MonkeyPatch, place: str
) -> None:
    client.raise_request_exception = False
    monkeypatch.setattr(settings, "ROOT_URLCONF", "tests.web.failing")

    with transaction.atomic():
        response = client.get(f"{place}/wrong/")
        transaction.set_rollback(True)

    assert (response.status_code, "Retry-After" in response) == (500, False)


def test_readiness_tells_what_is_there(client: Client, db: None) -> None:
    response = client.get("/readyz")

    assert response.json() == {"database": True, "migrations": True, "broker": True}
