"""Forms of more than the site takes."""

import logging
from typing import Any
from urllib.parse import urlencode

import pytest
from django.test import Client

from annotation.models import Judgment
from studies.models import Participant
from tests.web.conftest import entered_as
from tests.web.pages import filled, text_of

pytestmark = pytest.mark.django_db
RELEVANCE = "/judge/alps/relevance/"
LONG = {"item1-relevance": "avoid", "item1-comment": "x" * 3_000_000, "skip-words": "Hard & far"}
MANY = {f"item{number}-more": "Mine" for number in range(300)}


def send(browser: Client, fields: dict[str, str], **headers: str) -> Any:
    """Post it as a page's form does."""
    body, kind = urlencode(fields), "application/x-www-form-urlencoded"
    return browser.post(RELEVANCE, body, content_type=kind, headers=headers)


def test_too_large_a_form_names_what_is_too_long_and_shows_the_rest(rater: Client) -> None:
    data = filled(text_of(rater.get(RELEVANCE)), **LONG)

    response = send(rater, data, Referer=f"http://testserver{RELEVANCE}")

    page = text_of(response)
    assert (response.status_code, Judgment.objects.count()) == (413, 0)
    assert "1 · comment</span> (2.9\xa0MB)" in page
    assert '<dd class="plain" dir="auto">avoid</dd>' in page
    assert "Hard &amp; far" in page
    assert f'href="http://testserver{RELEVANCE}">Back' in page


def test_too_many_fields_are_said_and_shown(rater: Client, settings: Any) -> None:
    settings.DATA_UPLOAD_MAX_NUMBER_FIELDS = 200

    response = send(rater, MANY)

    assert response.status_code == 400
    assert "too many fields: at most 200" in text_of(response)
    assert text_of(response).count(">Mine</dd>") == 200


def test_upload_that_is_too_much_is_said(rater: Client) -> None:
    response = rater.post(RELEVANCE, LONG)

    assert response.status_code == 413
    assert "What you sent is too large" in text_of(response)


def test_words_that_another_site_had_sent_are_not_repeated(peer: Participant) -> None:
    browser = entered_as(Client(enforce_csrf_checks=True), peer)

    response = send(browser, LONG)

    assert response.status_code == 413
    assert "Hard &amp; far" not in text_of(response)


def test_refused_form_leaves_no_traceback(rater: Client, caplog: pytest.LogCaptureFixture) -> None:
    send(rater, LONG)

    lines = [(record.levelno, record.exc_info) for record in caplog.records]
    assert lines == [(logging.WARNING, None)]


def test_broken_form_leaves_no_traceback(client: Client, caplog: pytest.LogCaptureFixture) -> None:
    response = client.post("/accounts/login/", b"--", content_type="multipart/form-data; boundary=")

    assert response.status_code == 400
    assert "reload the page and try again" in text_of(response)
    assert [record.exc_info for record in caplog.records] == [None]


def test_script_is_told_in_a_document(rater: Client) -> None:
    response = send(rater, LONG, Accept="application/json")

    assert response.status_code == 413
    assert "at most 2.5\xa0MB" in response.json()["error"]["message"]


def test_too_many_fields_of_an_address_are_refused(client: Client, settings: Any) -> None:
    settings.DATA_UPLOAD_MAX_NUMBER_FIELDS = 200

    response = client.get("/accounts/login/", MANY)

    assert response.status_code == 400
    assert "too many fields" in text_of(response)
