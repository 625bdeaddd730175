"""Pages that are sent once more: after sharing ended, after the study closed, after forgetting."""

import re
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from annotation.actions.tasks import open_all_tasks
from annotation.models import Item, Judgment, Task
from collection.models import Conversation
from generation.models import Attribute
from studies.actions.consents import withdraw_consent
from studies.models import Participant, Study
from tests.samples import close_studies, make_attribute
from tests.web.conftest import entered_as
from tests.web.pages import filled, text_of

RELEVANCE = "/judge/alps/relevance/"
CHANGED = {"item1-relevance": "avoid", "item1-comment": "I changed my mind"}
HTMX = {"HX-Request": "true"}
CARD = re.compile(
    r'class="statement" dir="auto">(.*?)</span>.*?name="(item\d+-comment)"', re.DOTALL
)


@pytest.fixture
def sent(rater: Client) -> dict[str, str]:
    """A page that was sent, and is stored."""
    data = filled(text_of(rater.get(RELEVANCE)))
    rater.post(RELEVANCE, data)
    return data


def take_back() -> None:
    """The owner shares with peers no more."""
    withdraw_consent(participant=Participant.objects.get(ref="owner"), scope="peers")


@pytest.mark.parametrize("more", [{}, {"key": "another"}])
def test_other_answers_to_what_was_taken_back_are_refused_and_kept(
    rater: Client, sent: dict[str, str], more: dict[str, str]
) -> None:
    take_back()

    response = rater.post(RELEVANCE, {**sent, **CHANGED, **more}, headers=HTMX)

    page = text_of(response)
    assert (response.status_code, Judgment.objects.get().comment) == (409, "")
    assert "does not share it any more, so nothing was stored" in page
    assert ">I changed my mind</dd>" in page
    assert ">avoid</dd>" in page
    assert "Bern" not in page


def test_same_answers_to_what_was_taken_back_are_saved(rater: Client, sent: dict[str, str]) -> None:
    take_back()

    page = text_of(rater.post(RELEVANCE, sent, headers=HTMX))

    assert "Your answers are saved." in page
    assert "Bern" not in page


def test_answers_are_saved_though_nothing_more_is_asked(
    rater: Client, sent: dict[str, str]
) -> None:
    close_studies()

    response = rater.post(RELEVANCE, sent, headers=HTMX)

    page = text_of(response)
    assert response.status_code == 200
    assert "Your answers are saved." in page
    assert "This study is closed." in page
    assert "Nothing was stored" not in page


def test_change_of_what_was_taken_back_meanwhile_is_refused(
    rater: Client, sent: dict[str, str]
) -> None:
    address = f"{RELEVANCE}{sent['assignment']}/"
    page = filled(text_of(rater.get(address)), **CHANGED)
    rater.post(address, {**page, "item1-comment": "From a second tab"})
    take_back()

    response = rater.post(address, page)

    assert response.status_code == 409
    assert "does not share it any more" in text_of(response)


@pytest.fixture
def several(study: Study, peer: Participant, client: Client) -> Client:
    """A rater before a page with three statements."""
    for table in (Task, Item):
        table.objects.filter(stage="relevance").delete()
    conversation = Conversation.objects.get()
    for number in (2, 3):
        make_attribute(conversation, f"Statement {number}", "I live near", ref=f"a{number}")
    open_all_tasks(study=study)
    return entered_as(client, peer)


def with_comments(page: str) -> dict[str, str]:
    """The page filled in, each comment naming what it is about."""
    said = {name: statement for statement, name in CARD.findall(page)}
    return filled(page, **said)


def comments() -> dict[Any, str]:
    """What is said of each statement."""
    rows = Judgment.objects.select_related("item__attribute")
    return {row.item.attribute.text: row.comment for row in rows if row.item.attribute}


@pytest.mark.parametrize("gone", ["a1", "a2", "a3"])
def test_answers_stay_with_their_items_when_another_is_forgotten(
    several: Client, gone: str
) -> None:
    Attribute.objects.filter(ref="a1").update(text="Statement 1")
    data = with_comments(text_of(several.get(RELEVANCE)))
    Attribute.objects.filter(ref=gone).update(forgotten_at=timezone.now())

    several.post(RELEVANCE, data)

    left = {f"Statement {number}" for number in (1, 2, 3)} - {f"Statement {gone[1]}"}
    assert comments() == {statement: statement for statement in left}


def test_answers_to_what_is_forgotten_altogether_are_refused(rater: Client) -> None:
    data = filled(text_of(rater.get(RELEVANCE)), **CHANGED)
    Attribute.objects.update(forgotten_at=timezone.now())

    response = rater.post(RELEVANCE, data)

    assert (response.status_code, Judgment.objects.count()) == (409, 0)
    assert ">I changed my mind</dd>" in text_of(response)
