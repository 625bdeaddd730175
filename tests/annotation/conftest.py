"""A person, a pair of responses, and a judge over HTTP that answers honestly."""

from collections.abc import Iterator

import pytest

from bench.fakellm.honest import honest_answer
from bench.fakellm.server import FakeLlm
from llm import client
from studies.models import Participant, Study
from tests.annotation.judging import JUDGES
from tests.generation.machine import served
from tests.samples import (
    PREFERENCE,
    make_attribute,
    make_conversation,
    make_pairs,
    make_participant,
    make_study,
)


@pytest.fixture
def server() -> Iterator[FakeLlm]:
    """A judge over HTTP that computes its answers from the requests."""
    with FakeLlm(honest_answer) as fake:
        served(fake)
        yield fake
    client.close_clients()


@pytest.fixture
def pairs(db: None) -> Study:
    """One request of nobody's with two responses, asked for a preference alone."""
    study = make_study(stages={"response": {"rubric": PREFERENCE}}, judges=JUDGES)
    make_pairs(study, 1)
    return study


@pytest.fixture
def person(db: None) -> Participant:
    """Somebody with a conversation and two attributes in it."""
    person = make_participant(make_study(judges=JUDGES))
    conversation = make_conversation(person, "I am vegan and I live in Berlin.", "Good.")
    make_attribute(conversation, "Is vegan", "I am vegan", ref="a1")
    make_attribute(conversation, "Owns a boat", "Berlin", ref="a2")
    return person
