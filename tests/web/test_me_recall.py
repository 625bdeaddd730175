"""What was noticed is shown after the person wrote what they remember, or gave that up."""

import zipfile
from io import BytesIO

import pytest
from django.test import Client

from studies.models import Part, Participant, Study
from tests.factories import withdraw
from tests.samples import close_studies, make_participant, make_study
from tests.web.conftest import CONSENT, entered_as, fill
from tests.web.pages import text_of

FIRST = "What a model noticed is shown here after you have written what you remember"
NOTICED = "Lives near"


@pytest.fixture
def study(db: None) -> Study:
    """A study that asks owners for what they remember, at least one line."""
    return make_study("alps", {"extraction": {}}, consent=CONSENT, attributes={"least": 1})


@pytest.fixture
def owner(study: Study) -> Participant:
    """Somebody about whom a model noticed something already."""
    owner = make_participant(study, "owner")
    fill(study, owner)
    return owner


@pytest.fixture
def mine(client: Client, owner: Participant) -> Client:
    """Their browser."""
    return entered_as(client, owner)


def downloaded(client: Client) -> dict[str, str]:
    response = client.get("/me/alps/download/")
    content = b"".join(response.streaming_content)  # type: ignore[attr-defined]
    with zipfile.ZipFile(BytesIO(content)) as archive:
        return {name: archive.read(name).decode() for name in archive.namelist()}


def test_page_waits_for_what_they_remember(mine: Client, owner: Participant) -> None:
    page = text_of(mine.get("/me/alps/"))

    assert FIRST in page
    assert 'href="/s/alps/attributes/"' in page
    assert NOTICED not in page
    conversation = owner.conversations.get()
    assert "<mark>" not in text_of(mine.get(f"/me/alps/conversations/{conversation.pk}/"))


def test_download_waits_too_and_says_how_many(mine: Client) -> None:
    files = downloaded(mine)

    for text in files.values():
        assert NOTICED not in text
        assert f"{FIRST} (1)." in text


def test_it_is_shown_once_they_wrote(mine: Client, owner: Participant) -> None:
    line = {"lines": "1", "action": "send", "line0-text": "Likes trains"}
    assert mine.post("/s/alps/attributes/", line).status_code == 302

    assert NOTICED in text_of(mine.get("/me/alps/"))
    assert NOTICED in downloaded(mine)["data.json"]


def test_it_is_shown_at_once_to_who_asks(mine: Client, owner: Participant) -> None:
    mine.post("/me/alps/noticed/")
    page = text_of(mine.post("/me/alps/noticed/", follow=True))

    assert NOTICED in page
    assert Part.objects.get(participant=owner, name="attributes").finished_at is not None
    assert NOTICED in downloaded(mine)["data.html"]


@pytest.mark.parametrize("how", ["left", "withdrawn", "closed"])
def test_rights_come_first(mine: Client, owner: Participant, study: Study, how: str) -> None:
    if how == "left":
        mine.post("/me/alps/leave/")
    elif how == "withdrawn":
        withdraw(owner, "take_part")
    else:
        close_studies()

    assert NOTICED in text_of(mine.get("/me/alps/"))
    assert FIRST not in downloaded(mine)["data.html"]


def test_nobody_else_can_give_it_up(mine: Client, study: Study, owner: Participant) -> None:
    other = entered_as(Client(), make_participant(make_study("sea", {}), "other"))

    assert other.post("/me/alps/noticed/").status_code == 404
    assert not Part.objects.filter(participant=owner).exists()
