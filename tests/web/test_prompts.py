"""What owners would ask next: written once, in their own words."""

import pytest
from django.test import Client

from generation.models import Prompt
from studies.models import Participant
from tests.samples import make_conversation, make_participant, make_study
from tests.web.conftest import CONSENT, entered_as
from tests.web.pages import text_of

ADDRESS = "/s/alps/prompts/"
WRITTEN = {"request0": "What is\r\nfor dinner?", "request1": "A plan for Sunday?"}


@pytest.fixture
def owner(db: None) -> Participant:
    """Somebody who shared a conversation in a study that asks for two requests."""
    wording = {"en": "What else?", "ko": "그 밖에는요?"}
    study = make_study(
        "alps", {"relevance": {}}, consent=CONSENT, prompts={"count": 2, "wording": wording}
    )
    owner = make_participant(study, "owner")
    make_conversation(owner, "I am vegan.", "Noted.")
    return owner


@pytest.fixture
def browser(client: Client, owner: Participant) -> Client:
    """The owner's."""
    return entered_as(client, owner)


def test_requests_are_kept_and_lead_to_the_door(browser: Client, owner: Participant) -> None:
    page = text_of(browser.get(ADDRESS))
    assert "What else?" in page
    assert ">Request 1</label>" in page

    response = browser.post(ADDRESS, WRITTEN)

    assert response.headers["Location"] == "/s/alps/"
    rows = Prompt.objects.filter(participant=owner).order_by("extra__line")
    assert [row.text for row in rows] == ["What is\nfor dinner?", "A plan for Sunday?"]
    assert "A plan for Sunday?" in text_of(browser.get(ADDRESS))


def test_requests_sent_twice_are_kept_once(browser: Client) -> None:
    browser.post(ADDRESS, WRITTEN)

    assert browser.post(ADDRESS, WRITTEN).status_code == 302
    assert Prompt.objects.count() == 2


@pytest.mark.parametrize("wrong", [{"request1": " "}, {"request1": "x" * 4001}])
def test_refused_requests_are_shown_again(browser: Client, wrong: dict[str, str]) -> None:
    response = browser.post(ADDRESS, WRITTEN | wrong)

    assert response.status_code == 422
    assert "for dinner?" in text_of(response)
    assert not Prompt.objects.exists()


def test_words_that_look_personal_are_asked_about_once(browser: Client) -> None:
    words = WRITTEN | {"request1": "Write to ada@example.org"}

    response = browser.post(ADDRESS, words)

    assert response.status_code == 422
    assert "ada@example.org</strong>" in text_of(response)
    assert browser.post(ADDRESS, words | {"seal": response.context["seal"]}).status_code == 302


def test_strangers_find_nothing(client: Client, owner: Participant) -> None:
    assert client.get(ADDRESS).status_code == 404
    assert client.post(ADDRESS, WRITTEN).status_code == 404


def test_who_shared_nothing_is_not_asked(client: Client, owner: Participant) -> None:
    browser = entered_as(client, make_participant(owner.study, "peer"))

    assert browser.get(ADDRESS).headers["Location"] == "/s/alps/"
    assert browser.post(ADDRESS, WRITTEN).status_code == 409
    assert not Prompt.objects.exists()
