"""Which hidden model somebody talks to is not told before the conversation is shared or removed."""

import pytest
from django.test import Client

from collection.unshared.models import UnsharedConversation
from llm.actions.endpoints import ensure_endpoint
from llm.models import Call
from studies.models import Participant, Study
from tests.collection.unshared import add_reply, make_unshared
from tests.factories import withdraw
from tests.web.conftest import entered_as
from tests.web.pages import text_of
from tests.web.test_me_recall import downloaded

NAMES = ("hidden-one", "large-7")


@pytest.fixture
def owner(study: Study) -> Participant:
    return Participant.objects.get(study=study, ref="owner")


@pytest.fixture
def mine(client: Client, owner: Participant) -> Client:
    return entered_as(client, owner)


@pytest.fixture
def talk(owner: Participant) -> UnsharedConversation:
    """With a model whose name they do not know."""
    endpoint = ensure_endpoint(name="hidden-one", base_url="http://model.test/v1", model="large-7")
    Call.objects.create(
        endpoint=endpoint, scope=owner.study.scope, subject=owner.pk, purpose="converse",
        model_asked="large-7", model_answered="large-7", prompt_version="1",
        raw_response='{"model": "large-7"}',
    )  # fmt: skip
    talk = make_unshared(
        owner, "Hello", "Hi", source="live", state="open", endpoints=["hidden-one"]
    )
    talk.turns.filter(position=1).update(endpoint=endpoint, model="large-7")
    add_reply(talk, 1, 1, "Good day", endpoint=endpoint, model="large-7")
    return talk


@pytest.mark.parametrize("state", ["open", "finished"])
def test_model_has_no_name_before_sharing(
    mine: Client, talk: UnsharedConversation, state: str
) -> None:
    UnsharedConversation.objects.update(state=state)
    page, files = text_of(mine.get("/me/alps/")), downloaded(mine)

    assert "a model of this study" in page
    for text in (page, *files.values()):
        assert [name for name in NAMES if name in text] == []


def test_model_is_named_afterwards(mine: Client, talk: UnsharedConversation) -> None:
    talk.delete()

    assert "large-7" in text_of(mine.get("/me/alps/"))
    assert "large-7" in downloaded(mine)["data.json"]


def test_model_is_named_to_who_takes_no_part_any_more(
    mine: Client, owner: Participant, talk: UnsharedConversation
) -> None:
    withdraw(owner, "take_part")

    assert "large-7" in text_of(mine.get("/me/alps/"))


def test_only_chosen_turns_are_counted(mine: Client, talk: UnsharedConversation) -> None:
    assert "2 turns" in text_of(mine.get("/me/alps/"))
