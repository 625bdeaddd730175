"""The page of the comprehension check."""

import pytest
from django.test import Client

from studies.actions.consents import withdraw_consent
from studies.models import Part, Participant
from tests.samples import make_participant, make_study
from tests.studies.questions import CHECK, RIGHT, SURVEY, WRONG
from tests.web.conftest import CONSENT, entered_as
from tests.web.pages import text_of

PAGE = "/s/alps/comprehension/"
EXPLANATION = "You may stop whenever you like."


@pytest.fixture
def person(db: None) -> Participant:
    """Somebody in a study with a check."""
    return make_participant(make_study("alps", {}, consent=CONSENT, comprehension=CHECK))


@pytest.fixture
def browser(client: Client, person: Participant) -> Client:
    """Their browser."""
    return entered_as(client, person)


def test_page_tells_how_many_attempts_there_are(browser: Client) -> None:
    page = text_of(browser.get(PAGE))

    assert "You have 2 attempts left." in page
    assert EXPLANATION not in page
    assert " checked" not in page


def test_right_answers_lead_to_the_door(browser: Client, person: Participant) -> None:
    response = browser.post(PAGE, {**RIGHT, "attempt": 0})

    assert response["Location"] == "/s/alps/"
    assert browser.get(PAGE)["Location"] == "/s/alps/"


def test_wrong_answer_is_explained_and_the_right_one_kept(browser: Client) -> None:
    response = browser.post(PAGE, {**WRONG, "attempt": 0}, follow=True)

    page = text_of(response)
    assert "You have 1 attempt left." in page
    assert EXPLANATION in page
    assert (page.count("not right."), page.count("was right."), page.count(" checked")) == (1, 1, 1)


def test_failing_twice_leads_to_the_door(browser: Client, person: Participant) -> None:
    browser.post(PAGE, {**WRONG, "attempt": 0})
    response = browser.post(PAGE, {**WRONG, "attempt": 1})

    person.refresh_from_db()
    assert (response["Location"], person.outcome) == ("/s/alps/", "attention")
    assert browser.post(PAGE, {**RIGHT, "attempt": 2}).status_code == 409


def test_double_click_is_one_attempt_and_tells_nothing_new(browser: Client) -> None:
    browser.post(PAGE, {**WRONG, "attempt": 0})
    page = text_of(browser.post(PAGE, {**RIGHT, "attempt": 0}, follow=True))

    assert "You have 1 attempt left." in page
    assert (page.count("not right."), page.count("was right.")) == (1, 1)


@pytest.mark.parametrize(
    "answers", [{"attempt": 0}, {**RIGHT, "who": "x", "attempt": 0}, RIGHT, {"stop": "\x00"}]
)
def test_incomplete_page_is_no_attempt(browser: Client, answers: dict[str, str]) -> None:
    response = browser.post(PAGE, answers)

    assert response.status_code == 422
    assert "This was not counted as an attempt." in text_of(response)
    assert Part.objects.get().attempts == 0


def test_survey_comes_first(client: Client, db: None) -> None:
    study = make_study("alps", {}, consent=CONSENT, survey=SURVEY, comprehension=CHECK)
    browser = entered_as(client, make_participant(study))

    assert browser.get(PAGE)["Location"] == "/s/alps/"
    assert browser.post(PAGE, {**RIGHT, "attempt": 0}).status_code == 409
    assert not Part.objects.exists()


def test_strangers_find_nothing(client: Client, person: Participant) -> None:
    assert client.get(PAGE).status_code == 404


def test_without_consent_nothing_is_taken(browser: Client, person: Participant) -> None:
    withdraw_consent(participant=person, scope="take_part")

    assert browser.post(PAGE, {**RIGHT, "attempt": 0}).status_code == 403
    assert not Part.objects.exists()
