"""The warning before what a study marks as possibly distressing, and passing on it freely."""

import pytest
from django.test import Client

from annotation.models import Assignment, Rater, Skip
from annotation.pay_time import paid_tasks
from collection.models import Conversation
from studies.models import Participant, Study
from tests.web.pages import filled, hidden_fields, text_of

PAGE = "/judge/alps/extraction/"
WARNING = "This is about a loss."


@pytest.fixture
def marked(study: Study) -> Study:
    """The study, warning of conversations on one topic."""
    distressing = {"text": {"en": WARNING}, "topics": ["loss"], "stages": []}
    study.document = {**study.document, "care": {"distressing": distressing}}
    study.save()
    Conversation.objects.update(extra={"topic": "loss"})
    return study


def choose(browser: Client, action: str) -> str:
    """Press a button of the warning; the page that follows."""
    fields = hidden_fields(text_of(browser.get(PAGE)))
    return text_of(browser.post(PAGE, {**fields, "action": action}, follow=True))


def test_nothing_is_shown_before_the_warning(rater: Client, marked: Study) -> None:
    page = text_of(rater.get(PAGE))

    assert WARNING in page
    assert "I live near" not in page


def test_whole_stage_can_be_marked(rater: Client, marked: Study) -> None:
    marked.document["care"]["distressing"] |= {"topics": [], "stages": ["relevance"]}
    marked.save()

    assert WARNING in text_of(rater.get("/judge/alps/relevance/"))
    assert WARNING not in text_of(rater.get(PAGE))


def test_chosen_task_is_shown_and_not_warned_of_again(rater: Client, marked: Study) -> None:
    shown = choose(rater, "show")

    assert "I live near" in shown
    assert WARNING not in text_of(rater.get(PAGE))
    rater.post(PAGE, filled(shown))
    assert Assignment.objects.filter(state="done").count() == 1


def test_passing_on_needs_no_reason_and_is_paid(
    rater: Client, marked: Study, peer: Participant
) -> None:
    page = choose(rater, "pass")

    assert "I live near" not in page
    assert {skip.reason for skip in Skip.objects.all()} == {"distressing"}
    assert paid_tasks("extraction")(peer) == 1
    assert paid_tasks("relevance")(peer) == 0


def test_task_without_a_warning_is_not_passed_on_freely(
    rater: Client, study: Study, peer: Participant
) -> None:
    choose(rater, "pass")

    assert not Skip.objects.exists()
    assert Assignment.objects.filter(state="leased").count() == 1


def test_place_of_somebody_else_is_not_passed_on(
    rater: Client, marked: Study, peer: Participant
) -> None:
    fields = hidden_fields(text_of(rater.get(PAGE)))
    other = Rater.objects.create(study=marked, ref="other", kind="human")
    Assignment.objects.filter(state="leased").update(rater=other)

    response = rater.post(PAGE, {**fields, "action": "pass"})

    assert response.status_code == 409
    assert not Skip.objects.exists()
