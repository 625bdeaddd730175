"""A study with one person, and a server whose model answers honestly."""

from collections.abc import Iterator

import pytest

from bench.fakellm.honest import honest_answer
from bench.fakellm.server import FakeLlm
from collection.models import Conversation
from llm import client
from studies.models import Study
from tests.samples import make_conversation, make_participant, make_study

FIRST = "Hello! I am vegan and I live in Berlin. What can I cook?"
SECOND = "Thanks. My daughter likes soup, but I have only 20 minutes."


@pytest.fixture
def study() -> Study:
    """All three stages."""
    return make_study()


@pytest.fixture
def conversation(study: Study) -> Conversation:
    """Four turns of the invented person p1."""
    return make_conversation(make_participant(study), FIRST, "How about soup?", SECOND, "Sure.")


@pytest.fixture
def server() -> Iterator[FakeLlm]:
    """A model over HTTP that computes its answers from the requests."""
    with FakeLlm(honest_answer) as fake:
        yield fake
    client.close_clients()
