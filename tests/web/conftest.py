"""Studies and people for the tests of pages. Everybody in them is invented."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest
from django.test import Client

from annotation.actions.tasks import open_all_tasks
from generation.models import GivenAttribute, Prompt, Response
from studies.actions.members import add_member
from studies.models import Participant, Study, User
from tests.samples import (
    ALL_SCOPES,
    make_attribute,
    make_conversation,
    make_participant,
    make_study,
)
from web.participants import ENTERED

if TYPE_CHECKING:  # most tests of pages need no browser
    from playwright.sync_api import Page

CONSENT = {
    "version": "2",
    "text": {"en": "We keep your answers."},
    "scopes": ["take_part", "publish_ratings"],
    "required": ["take_part"],
}
STAGES = {stage: {"overlap": {"peer": 3}} for stage in ("extraction", "relevance", "response")}


@pytest.fixture
def study(db: None) -> Study:
    """One person's conversation, attribute, prompt and two responses, opened at all stages."""
    study = make_study("alps", STAGES, consent=CONSENT, judges=[{"name": "plain"}])
    owner = make_participant(study, "owner")
    fill(study, owner)
    open_all_tasks(study=study)
    return study


def fill(study: Study, owner: Participant, number: int = 1) -> None:
    """What one person said, what was inferred, what they ask and the answers to it."""
    contents = ["I live near <b>Bern</b>.", "A fine place.", "Where can I hike?", "On the Gurten."]
    conversation = make_conversation(owner, *contents, ref=f"c{number}")
    attribute = make_attribute(
        conversation, "Lives near <i>Bern</i>.", "I live near", ref=f"a{number}"
    )
    prompt = Prompt.objects.create(
        study=study, participant=owner, ref=f"q{number}", text="A <u>plan</u> for Sunday?"
    )
    for strategy in ("generic", "all"):
        response = Response.objects.create(
            study=study,
            participant=owner,
            prompt=prompt,
            ref=f"r{number}-{strategy}",
            strategy=strategy,
            model="secret-model",
            text=f"An <s>answer</s>, {'' if strategy == 'generic' else 'in Bern'}.",
        )
        if strategy == "all":
            GivenAttribute.objects.create(response=response, attribute=attribute, position=0)


@pytest.fixture
def peer(study: Study) -> Participant:
    """Somebody else who takes part."""
    return make_participant(study, "peer", ALL_SCOPES)


@pytest.fixture
def rater(client: Client, peer: Participant) -> Client:
    """A browser that entered as the peer."""
    return entered_as(client, peer)


def entered_as(client: Client, participant: Participant) -> Client:
    """Let the browser have entered as the participant."""
    session = client.session
    session[ENTERED] = [*session.get(ENTERED, []), str(participant.pk)]
    session.save()
    return client


@pytest.fixture
def manager(study: Study) -> User:
    """Somebody who runs the study."""
    user = User.objects.create_user("manager", password="a good long one")
    add_member(study=study, user=user, role="manager", by=None)
    return user


@pytest.fixture
def researcher(client: Client, manager: User) -> Client:
    """The manager's browser."""
    client.force_login(manager)
    return client


@pytest.fixture
def page(page: "Page") -> Iterator["Page"]:
    """A browser's page; what its scripts complain about fails the test, once it is over.

    An exception within the driver's own callbacks would end the driver, and all tests after this.
    """
    complaints: list[str] = []
    page.on("pageerror", lambda error: complaints.append(f"{page.url}: {error}"))
    yield page
    assert complaints == []
