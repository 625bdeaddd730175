"""What was said and not shared stays within reach of its owner, whatever they take back."""

import pytest
from django.test import Client

from collection.unshared.models import UnsharedConversation
from studies.models import Participant, Study
from tests.collection.unshared import make_unshared
from tests.samples import make_participant
from tests.web.conftest import entered_as
from tests.web.pages import text_of


@pytest.fixture
def owner(study: Study) -> Participant:
    return Participant.objects.get(study=study, ref="owner")


@pytest.fixture
def mine(client: Client, owner: Participant) -> Client:
    return entered_as(client, owner)


@pytest.fixture
def talk(owner: Participant) -> UnsharedConversation:
    """It goes on: a reply to the last turn has not begun."""
    talk = make_unshared(owner, "One", "Two", "Three", "", source="live", state="open")
    talk.turns.filter(position=2).update(awaits_reply=True)
    talk.turns.filter(position=3).update(state="waiting")
    return talk


def test_taking_back_talking_leaves_it_to_be_read(mine: Client, talk: UnsharedConversation) -> None:
    mine.post("/me/alps/withdraw/", {"scope": "converse"})

    talk.refresh_from_db()
    assert talk.state == "finished"
    assert not talk.turns.filter(awaits_reply=True).exists()
    assert talk.turns.get(position=3).state == "cut"
    assert f'href="/s/alps/review/{talk.pk}/"' in text_of(mine.get("/me/alps/"))
    assert mine.get(f"/s/alps/review/{talk.pk}/").status_code == 200


@pytest.mark.parametrize("scope", ["take_part", "leaving"])
def test_it_can_be_removed_after_going(
    mine: Client, talk: UnsharedConversation, scope: str
) -> None:
    if scope == "leaving":
        mine.post("/me/alps/leave/")
    else:
        mine.post("/me/alps/withdraw/", {"scope": scope})
    address = f"/me/alps/unshared/{talk.pk}/remove/"
    page = text_of(mine.get("/me/alps/"))
    assert f'href="{address}"' in page
    assert f"/s/alps/review/{talk.pk}/" not in page

    assert "Remove this conversation?" in text_of(mine.get(address))
    assert UnsharedConversation.objects.exists()
    assert "The conversation is deleted." in text_of(mine.post(address, follow=True))
    assert not UnsharedConversation.objects.exists()
    assert mine.post(address).status_code == 404


def test_nobody_else_can_remove_it(study: Study, talk: UnsharedConversation) -> None:
    other = entered_as(Client(), make_participant(study, "other"))

    assert other.post(f"/me/alps/unshared/{talk.pk}/remove/").status_code == 404
    assert UnsharedConversation.objects.exists()
