"""Whom to ask below every page, reporting a concern, and reading what was reported."""

import re
from typing import Any

import pytest
from django.test import Client

from studies.actions.consents import withdraw_consent
from studies.models import Concern, Participant, Study
from tests.samples import make_study
from tests.web.conftest import CONSENT
from tests.web.pages import hidden_fields, text_of

PAGE = "/s/alps/concern/"
CARE = {
    "contact": {"en": "Write to care@example.org"},
    "help": {"en": "Call 0800 000 000 at any time."},
}


@pytest.fixture
def caring(study: Study) -> Study:
    """The study, with whom to ask."""
    study.document = {**study.document, "care": CARE, "consent": CONSENT}
    study.save()
    return study


def report(browser: Client, text: str, **changed: str) -> Any:
    """Fill in the form from a page and send it."""
    page = text_of(browser.get(PAGE, {"from": "/judge/alps/response/?x=1"}))
    return browser.post(PAGE, {**hidden_fields(page), "text": text, **changed})


@pytest.mark.parametrize("address", ["/s/alps/", "/judge/alps/response/", PAGE])
def test_contact_and_report_stand_below_every_page(
    rater: Client, caring: Study, address: str
) -> None:
    foot = text_of(rater.get(address)).split("<footer")[1]

    assert 'href="mailto:care@example.org"' in foot
    assert f'href="/s/alps/concern/?from={address}"' in foot


@pytest.mark.parametrize("address", ["/", "/me/", "/judge/"])
def test_own_pages_lead_to_each_study(
    rater: Client, peer: Participant, caring: Study, address: str
) -> None:
    foot = text_of(rater.get(address)).split("<footer")[1]
    assert f'href="/s/alps/concern/?from={address}"' in foot

    withdraw_consent(participant=peer, scope="take_part")
    assert "/concern/" not in text_of(rater.get(address)).split("<footer")[1]


def test_judging_can_be_read_in_another_language(rater: Client, caring: Study) -> None:
    foot = text_of(rater.get("/judge/alps/response/")).split("<footer")[1]

    assert 'class="languages"' in foot


def test_before_consent_there_is_only_the_contact(client: Client, caring: Study) -> None:
    page = text_of(client.get("/s/alps/"))

    assert "care@example.org" in page
    assert "/concern/" not in page


def test_pages_without_a_study_show_the_sites_contact(
    client: Client, db: None, settings: Any
) -> None:
    assert "Questions or worries?" not in text_of(client.get("/"))

    settings.SITE_CONTACT = "site@example.org"

    assert "site@example.org" in text_of(client.get("/"))


def test_study_without_a_contact_shows_the_sites(rater: Client, settings: Any) -> None:
    settings.SITE_CONTACT = "site@example.org"

    assert "site@example.org" in text_of(rater.get("/s/alps/"))


def test_contact_is_never_markup(rater: Client, caring: Study) -> None:
    caring.document["care"] = {"contact": {"en": "<b>Ask</b> javascript:alert(1)"}}
    caring.save()

    page = text_of(rater.get("/s/alps/"))

    assert "&lt;b&gt;Ask" in page
    assert 'href="javascript' not in page


def test_concern_is_stored_and_thanked_for(rater: Client, caring: Study, peer: Participant) -> None:
    response = report(rater, "It is <b>rude</b>.")

    concern = Concern.objects.get()
    assert (concern.text, concern.participant) == ("It is <b>rude</b>.", peer)
    assert concern.page == "/judge/alps/response/"
    thanks = text_of(rater.get(response["Location"]))
    assert "Thank you for telling us" in thanks
    assert "Call 0800 000 000" in thanks
    assert 'href="/judge/alps/response/"' in thanks


@pytest.mark.parametrize("text", ["", " ", "x" * 5001, "a\x00b"])
def test_text_that_cannot_be_is_refused(rater: Client, caring: Study, text: str) -> None:
    response = report(rater, text)

    assert response.status_code == 422
    assert 'href="#id_text"' in text_of(response)
    assert not Concern.objects.exists()


@pytest.mark.parametrize("fields", [{"key": "x"}, {"page": "\x00"}])
def test_broken_page_is_refused(rater: Client, caring: Study, fields: dict[str, str]) -> None:
    response = report(rater, "It is rude.", **fields)

    assert response.status_code == 422
    assert "This page was incomplete" in text_of(response)


def test_without_consent_nothing_is_stored(rater: Client, caring: Study, peer: Participant) -> None:
    key = hidden_fields(text_of(rater.get(PAGE)))["key"]
    withdraw_consent(participant=peer, scope="take_part")

    assert rater.post(PAGE, {"key": key, "text": "It is rude."}).status_code == 403
    assert "<textarea" not in text_of(rater.get(PAGE))
    assert not Concern.objects.exists()


def test_strangers_find_nothing(client: Client, caring: Study) -> None:
    assert client.get(PAGE).status_code == 404
    assert client.post(PAGE, {"text": "x"}).status_code == 404


def test_way_back_stays_on_the_site(rater: Client, caring: Study) -> None:
    page = text_of(rater.get(PAGE, {"from": "//evil.example/", "sent": ""}))

    assert "evil" not in re.sub(r"<footer.*", "", page, flags=re.DOTALL)


def test_researcher_sees_settles_and_counts(
    researcher: Client, caring: Study, peer: Participant
) -> None:
    concern = Concern.objects.create(study=caring, participant=peer, text="It is <b>rude</b>.")

    assert "1 concern was reported" in text_of(researcher.get("/studies/alps/"))
    assert "It is &lt;b&gt;rude" in text_of(researcher.get("/studies/alps/concerns/"))
    researcher.post(f"/studies/alps/concerns/{concern.pk}/")

    concern.refresh_from_db()
    assert concern.settled_by == "manager"
    assert "concern was reported" not in text_of(researcher.get("/studies/alps/"))


def test_viewer_reads_and_settles_nothing(
    researcher: Client, caring: Study, peer: Participant
) -> None:
    caring.memberships.update(role="viewer")
    concern = Concern.objects.create(study=caring, participant=peer, text="Rude.")

    page = researcher.get("/studies/alps/concerns/")

    assert "Rude." in text_of(page)
    assert f"/concerns/{concern.pk}/" not in text_of(page)
    assert researcher.post(f"/studies/alps/concerns/{concern.pk}/").status_code == 403


def test_concern_of_another_study_does_not_exist(
    researcher: Client, caring: Study, peer: Participant
) -> None:
    other = Concern.objects.create(study=make_study("other", {}), text="Rude.")

    assert researcher.post(f"/studies/alps/concerns/{other.pk}/").status_code == 404
    assert researcher.get("/studies/other/concerns/").status_code == 404


def test_strangers_read_no_concerns(client: Client, caring: Study) -> None:
    assert client.get("/studies/alps/concerns/").status_code == 302
