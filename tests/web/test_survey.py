"""The survey's page."""

from typing import Any

import pytest
from django.test import Client

from studies.actions.consents import withdraw_consent
from studies.models import Participant
from tests.samples import make_participant, make_study
from tests.studies.questions import SURVEY
from tests.web.conftest import CONSENT, entered_as
from tests.web.pages import text_of

PAGE = "/s/alps/survey/"


@pytest.fixture
def person(db: None) -> Participant:
    """Somebody in a study with a survey that looks for women."""
    screening = [{"question": "gender", "accept": ["female"]}]
    study = make_study("alps", {}, consent=CONSENT, survey=SURVEY, screening=screening)
    return make_participant(study)


@pytest.fixture
def browser(client: Client, person: Participant) -> Client:
    """Their browser."""
    return entered_as(client, person)


def traits_of(person: Participant) -> dict[str, Any]:
    """What the database holds of them now."""
    person.refresh_from_db()
    return {key: value for key, value in person.traits.items() if key != "invented"}


def test_page_asks_and_always_lets_one_withhold(browser: Client) -> None:
    page = text_of(browser.get(PAGE))

    assert "What is your gender?" in page
    assert page.count("Prefer not to say") == len(SURVEY)


def test_questions_are_in_the_readers_language(browser: Client, person: Participant) -> None:
    person.study.document["languages"] = ["en", "es"]
    person.study.save()

    page = text_of(browser.get(PAGE, headers={"Accept-Language": "es"}))

    assert "¿Cuál es su género?" in page


def test_answers_are_kept_and_lead_to_the_door(browser: Client, person: Participant) -> None:
    answers = {"gender": "female", "speaks": ["en", "ko"], "age": "34", "travels": "By <b>train"}

    response = browser.post(PAGE, answers)

    assert (response.status_code, response["Location"]) == (302, "/s/alps/")
    assert traits_of(person) == answers | {"age": 34}


def test_withholding_is_kept_as_such(browser: Client, person: Participant) -> None:
    boxes = {"age-withheld": "on", "travels-withheld": "on", "travels": "never mind"}

    browser.post(PAGE, {"gender": "female", "speaks": ["en", "withheld"], **boxes})

    withheld = dict.fromkeys(["speaks", "age", "travels"], "withheld")
    assert traits_of(person) == {"gender": "female"} | withheld


def test_empty_page_is_an_answer(browser: Client, person: Participant) -> None:
    browser.post(PAGE, {})

    assert (traits_of(person), person.outcome) == ({}, "screened_out")


def test_fault_is_shown_and_the_answers_stay(browser: Client, person: Participant) -> None:
    response = browser.post(PAGE, {"gender": "female", "age": "7", "travels": "By <b>train"})

    page = text_of(response)
    assert response.status_code == 422
    assert 'href="#question-age"' in page
    assert "Write a number from 18 to 120." in page
    assert "By &lt;b&gt;train" in page
    assert traits_of(person) == {}


@pytest.mark.parametrize(
    "answers", [{"gender": "x"}, {"age": "\x00"}, {"age": "inf"}, {"travels": "a\x00"}]
)
def test_what_does_not_fit_is_refused(
    browser: Client, person: Participant, answers: dict[str, str]
) -> None:
    assert browser.post(PAGE, answers).status_code == 422
    assert traits_of(person) == {}


def test_finished_survey_leads_to_the_door(browser: Client, person: Participant) -> None:
    browser.post(PAGE, {"gender": "female"})

    assert browser.get(PAGE)["Location"] == "/s/alps/"
    assert browser.post(PAGE, {"gender": "male"})["Location"] == "/s/alps/"
    assert traits_of(person) == {"gender": "female"}


def test_screened_out_are_led_away(browser: Client, person: Participant) -> None:
    browser.post(PAGE, {"gender": "male"})

    assert browser.get(PAGE)["Location"] == "/s/alps/"
    assert browser.post(PAGE, {"gender": "female"}).status_code == 409
    assert traits_of(person) == {}


def test_strangers_find_nothing(client: Client, person: Participant) -> None:
    assert client.get(PAGE).status_code == 404
    assert client.post(PAGE, {"gender": "female"}).status_code == 404


def test_without_consent_nothing_is_taken(browser: Client, person: Participant) -> None:
    withdraw_consent(participant=person, scope="take_part")

    assert browser.get(PAGE)["Location"] == "/s/alps/"
    assert browser.post(PAGE, {"gender": "female"}).status_code == 403
    assert traits_of(person) == {}
