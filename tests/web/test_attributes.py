"""What owners remember: written before they see a model's attributes, and never changed after."""

import pytest
from django.test import Client

from annotation.actions.tasks import open_all_tasks
from generation.models import Attribute
from studies.models import Participant, Study
from tests.samples import make_participant, make_study
from tests.web.conftest import CONSENT, entered_as, fill
from tests.web.pages import text_of

ADDRESS = "/s/alps/attributes/"
STAGES = {stage: {"overlap": {"owner": 1, "peer": 1}} for stage in ("extraction", "relevance")}


@pytest.fixture
def study(db: None) -> Study:
    """A study that asks owners for what they remember."""
    return make_study("alps", STAGES, consent=CONSENT, attributes={"most": 4}, prompts={})


@pytest.fixture
def owner(study: Study) -> Participant:
    """Somebody about whom a model noticed something already."""
    owner = make_participant(study, "owner")
    fill(study, owner)
    open_all_tasks(study=study)
    return owner


@pytest.fixture
def browser(client: Client, owner: Participant) -> Client:
    """The owner's."""
    return entered_as(client, owner)


def sent(*texts: str, **more: str) -> dict[str, str]:
    """The form as a browser without scripts sends it."""
    lines = {f"line{n}-text": text for n, text in enumerate(texts)}
    return {"lines": str(len(texts)), "action": "send", **lines, **more}


def test_line_has_room_and_is_kept_as_one(browser: Client, owner: Participant) -> None:
    assert '<textarea name="line0-text"' in text_of(browser.get(ADDRESS))

    browser.post(ADDRESS, sent("Likes\r\n  slow trains\n"))

    assert owner.attributes.get(author="owner").text == "Likes slow trains"


def test_page_shows_what_was_shared_and_nothing_noticed(browser: Client) -> None:
    page = text_of(browser.get(ADDRESS))

    assert "I live near &lt;b&gt;Bern&lt;/b&gt;." in page
    assert "Lives near" not in page


def test_lines_are_kept_and_lead_to_the_door(browser: Client, owner: Participant) -> None:
    said_in = str(owner.conversations.get().pk)
    lines = sent("Likes trains", "", **{"line0-said_in": said_in, "line0-type": "preference"})

    response = browser.post(ADDRESS, lines)

    assert response.headers["Location"] == "/s/alps/"
    assert owner.attributes.get(author="owner").evidence.get().conversation.ref == "c1"
    page = text_of(browser.get(ADDRESS))
    assert "Likes trains" in page
    assert '<form method="post" id="lines"' not in page


def test_nothing_to_remember_is_an_answer(browser: Client, owner: Participant) -> None:
    assert browser.post(ADDRESS, sent("", "")).status_code == 302
    assert "You could not think of anything" in text_of(browser.get(ADDRESS))


def test_lines_sent_twice_are_kept_once(browser: Client) -> None:
    browser.post(ADDRESS, sent("Likes trains"))
    response = browser.post(ADDRESS, sent("Something else"))

    assert response.status_code == 302
    assert [row.text for row in Attribute.objects.filter(author="owner")] == ["Likes trains"]


@pytest.mark.parametrize(
    ("action", "texts", "left"),
    [
        ("add", ["A", "B"], ["A", "B", ""]),
        ("remove-0", ["A", "B"], ["B"]),
        ("remove-9", ["A", "B"], ["A", "B"]),
        ("add", ["A", "B", "C", "D"], ["A", "B", "C", "D"]),
    ],
)
def test_lines_come_and_go_without_scripts(
    browser: Client, action: str, texts: list[str], left: list[str]
) -> None:
    response = browser.post(ADDRESS, sent(*texts, action=action))

    written = [form["text"].value() or "" for form in response.context["lines"].forms]
    assert (response.status_code, written) == (200, left)
    assert not Attribute.objects.filter(author="owner").exists()


@pytest.mark.parametrize(
    "wrong",
    [
        {"line0-text": "x" * 501},
        {"line0-type": "no such type"},
        {"line0-said_in": "00000000-0000-0000-0000-000000000000"},
    ],
)
def test_refused_lines_are_shown_again(browser: Client, wrong: dict[str, str]) -> None:
    response = browser.post(ADDRESS, sent("Likes trains", "And lakes") | wrong)

    assert response.status_code == 422
    assert "And lakes" in text_of(response)
    assert not Attribute.objects.filter(author="owner").exists()


def test_words_that_look_personal_are_asked_about_once(browser: Client) -> None:
    words = sent("Reach me at <ada@example.org>")

    response = browser.post(ADDRESS, words)
    page = text_of(response)

    assert response.status_code == 422
    assert "ada@example.org</strong>" in page
    assert not Attribute.objects.filter(author="owner").exists()
    assert browser.post(ADDRESS, words | {"seal": response.context["seal"]}).status_code == 302


def test_yes_to_some_words_is_no_yes_to_others(browser: Client) -> None:
    seal = browser.post(ADDRESS, sent("Reach me at ada@example.org")).context["seal"]

    response = browser.post(ADDRESS, sent("Reach me at bob@example.org", seal=seal))

    assert response.status_code == 422


def test_models_attributes_are_shown_only_after(browser: Client) -> None:
    assert browser.get("/judge/alps/extraction/").headers["Location"] == "/s/alps/"
    assert browser.post("/judge/alps/extraction/", {}).status_code == 409

    browser.post(ADDRESS, sent(""))

    assert "Lives near" in text_of(browser.get("/judge/alps/extraction/"))


def test_peers_without_conversations_judge_at_once(client: Client, owner: Participant) -> None:
    rater = entered_as(client, make_participant(owner.study, "peer"))

    assert "Lives near" in text_of(rater.get("/judge/alps/extraction/"))
    assert rater.get(ADDRESS).headers["Location"] == "/s/alps/"


def test_strangers_find_nothing(client: Client, owner: Participant) -> None:
    assert client.get(ADDRESS).status_code == 404
    assert client.post(ADDRESS, sent("A")).status_code == 404


def test_who_took_their_consent_back_stores_nothing(browser: Client, owner: Participant) -> None:
    owner.consents.all().delete()

    assert browser.get(ADDRESS).status_code == 302
    assert browser.post(ADDRESS, sent("A")).status_code == 403
    assert not Attribute.objects.filter(author="owner").exists()
