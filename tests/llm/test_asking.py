"""What was entered before it left is closed, whatever becomes of it."""

from datetime import timedelta
from uuid import UUID

import pytest

from llm import asking
from llm.actions.health import keep_lane
from llm.exchange import Prompt
from llm.ledger import Question
from llm.models import Endpoint, EndpointHealth
from tests.llm.conftest import Ask, claimed_again, recorded
from work.claims import Claim
from work.queue import from_now

pytestmark = pytest.mark.django_db
UNSENDABLE = {"model": "m", "messages": [], "seed": {1, 2}}
"""A set is nothing that JSON knows."""


def question(endpoint: Endpoint, claim: Claim | None) -> Question:
    return Question(endpoint, Prompt("judge", []), claim, "study:alps", UUID(int=1), "digest")


def test_mistake_of_ours_closes_the_call(endpoint: Endpoint, claim: Claim, asked: Ask) -> None:
    with pytest.raises(TypeError):
        asking.put(question(endpoint, claim), "/chat/completions", UNSENDABLE, {})

    assert recorded() == [("error", "error")]
    asked(claim=claimed_again())
    assert recorded() == [("error", "error"), ("ok", "ok")]


def test_mistake_of_ours_leaves_the_probe_to_another(endpoint: Endpoint) -> None:
    keep_lane(endpoint)
    EndpointHealth.objects.update(circuit="open", open_until=from_now(-timedelta(seconds=1)))

    with pytest.raises(TypeError):
        asking.put(question(endpoint, None), "/chat/completions", UNSENDABLE, {})

    assert EndpointHealth.objects.get().circuit == "open"
