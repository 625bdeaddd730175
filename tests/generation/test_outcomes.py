"""Answers that fit their schema and lie: about ids nobody asked for, with quotes nobody said."""

import pytest

from bench.fakellm.cases import CASES, About
from bench.fakellm.server import FakeLlm
from collection.models import Conversation
from generation.actions.attributes import add_attribute
from generation.actions.prompts import add_prompt
from generation.models import Attribute, Selection
from llm.models import Call
from tests.generation.machine import run_stage, served

pytestmark = [pytest.mark.django_db, pytest.mark.walk]


def of(about: About) -> list[str]:
    """The names of the cases about this."""
    return [name for name, case in CASES.items() if case.about == about]


@pytest.mark.parametrize("name", of(About.RELEVANCE))
def test_decisions_about_other_ids_are_none(
    conversation: Conversation, server: FakeLlm, name: str
) -> None:
    person = conversation.participant
    assert person is not None
    for text in ("I am a vegan cook", "I own two cats"):
        add_attribute(participant=person, text=text)
    add_prompt(study=conversation.study, text="A quick vegan dinner?", participant=person)
    server.manner.always = name

    progress = run_stage(conversation.study, "relevance", served(server))

    assert (progress.dead, server.billed, Selection.objects.count()) == (1, 3, 0)
    assert {call.outcome for call in Call.objects.all()} == {CASES[name].outcome}


@pytest.mark.parametrize("name", of(About.EXTRACTION))
def test_quotes_that_nobody_said_are_asked_for_again(
    conversation: Conversation, server: FakeLlm, name: str
) -> None:
    server.manner.always = name

    progress = run_stage(conversation.study, "extraction", served(server))

    outcomes = [call.outcome for call in Call.objects.order_by("attempt")]
    assert (progress.done, server.billed, Attribute.objects.count()) == (1, 3, 0)
    assert outcomes == [CASES[name].outcome] * 3
