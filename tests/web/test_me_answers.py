"""Survey answers, panel and payments on the page of a person's own."""

import pytest
from django.test import Client

from studies.models import Part, Participant, Payment
from studies.recruitment.models import PanelIdentity
from tests.samples import make_participant, make_study
from tests.studies.questions import SURVEY
from tests.web.conftest import CONSENT, entered_as
from tests.web.pages import judge_once, text_of


@pytest.fixture
def person(db: None) -> Participant:
    """Somebody who answered a survey."""
    person = make_participant(make_study("alps", {}, consent=CONSENT, survey=SURVEY))
    person.traits = {"gender": "withheld", "speaks": ["en", "ko"], "travels": "By <b>train"}
    person.save()
    Part.objects.create(participant=person, name="survey", finished_at="2026-05-03T12:00Z")
    return person


@pytest.fixture
def mine(client: Client, person: Participant) -> Client:
    """Their browser."""
    return entered_as(client, person)


def test_survey_is_shown_in_the_words_it_was_asked_in(mine: Client) -> None:
    page = text_of(mine.get("/me/alps/"))

    assert "Your answers to the survey" in page
    for words in ("What is your gender?", "Prefer not to say", "English, Korean", "May 3, 2026"):
        assert words in page
    assert "By &lt;b&gt;train" in page
    assert "How old are you?" not in page


def test_page_says_by_which_panel_they_came(mine: Client, person: Participant) -> None:
    PanelIdentity.objects.create(
        participant=person, study=person.study, panel="prolific", digest="d-1", sealed=b"x"
    )

    assert "You came by prolific; your id there is kept apart" in text_of(mine.get("/me/alps/"))


def test_payment_for_a_part_says_which(mine: Client, person: Participant) -> None:
    Payment.objects.create(
        study=person.study, participant=person, kind="part", part="survey", amount=1,
        currency="EUR",
    )  # fmt: skip

    assert "1.00 EUR · A few questions about you" in text_of(mine.get("/me/alps/"))


def test_each_answer_is_shown_with_its_question(rater: Client) -> None:
    judge_once(rater, "relevance")

    page = text_of(rater.get("/me/alps/"))

    assert "Each of your answers" in page
    folded = page.split('<details id="judged"')[1].split("</details>")[0]
    assert folded.count("<dt") == folded.count("<dd") > 0
    assert "?</dt>" in folded
