"""Taking back one thing that was allowed, after a look at what it means, and allowing it again."""

import pytest
from django.test import Client

from studies.models import Participant, Study
from tests.samples import close_studies, make_participant
from tests.web.conftest import entered_as
from tests.web.pages import text_of

TAKING_BACK = "/me/alps/withdraw/?scope=publish_ratings"


@pytest.fixture
def person(study: Study) -> Participant:
    """Somebody who agreed here to the present text."""
    person = make_participant(study, "kim", ["take_part", "publish_ratings"])
    person.consents.update(version="2")
    person.basis = Participant.Basis.PLATFORM
    person.save()
    return person


@pytest.fixture
def mine(client: Client, person: Participant) -> Client:
    return entered_as(client, person)


def allows(person: Participant, scope: str) -> bool:
    return person.consents.filter(scope=scope, withdrawn_at__isnull=True).exists()


def test_taking_back_says_first_what_it_means(mine: Client, person: Participant) -> None:
    page = text_of(mine.get(TAKING_BACK))

    assert "The next release leaves your answers out" in page
    assert "Take it back" in page
    assert allows(person, "publish_ratings")


@pytest.mark.parametrize("scope", ["peers", "nonsense", ""])
def test_nothing_is_asked_where_nothing_was_allowed(mine: Client, scope: str) -> None:
    page = text_of(mine.get(f"/me/alps/withdraw/?scope={scope}", follow=True))

    assert "There was nothing to take back." in page


def test_what_was_taken_back_is_allowed_again(mine: Client, person: Participant) -> None:
    response = mine.post("/me/alps/withdraw/", {"scope": "publish_ratings"})
    assert response.headers["Location"] == "/me/alps/#allowed"
    assert "Allow it again" in text_of(mine.get("/me/alps/"))
    assert not allows(person, "publish_ratings")

    for _twice in range(2):
        mine.post("/me/alps/allow/", {"scope": "publish_ratings"})

    assert person.consents.filter(scope="publish_ratings").count() == 2
    assert allows(person, "publish_ratings")
    assert allows(person, "take_part")


@pytest.mark.parametrize("how", ["left", "closed", "unasked", "no part"])
def test_it_is_not_allowed_again(mine: Client, person: Participant, study: Study, how: str) -> None:
    mine.post("/me/alps/withdraw/", {"scope": "publish_ratings"})
    if how == "left":
        mine.post("/me/alps/leave/")
    if how == "closed":
        close_studies()
    if how == "no part":
        mine.post("/me/alps/withdraw/", {"scope": "take_part"})

    scope = "peers" if how == "unasked" else "publish_ratings"
    mine.post("/me/alps/allow/", {"scope": scope})

    assert not allows(person, scope)


def test_taking_part_again_is_asked_at_the_door(mine: Client) -> None:
    mine.post("/me/alps/withdraw/", {"scope": "take_part"})

    page = text_of(mine.get("/me/alps/"))

    assert '<a role="button" class="quiet" href="/s/alps/">Allow it again' in page


def test_first_page_has_a_line_and_no_list_of_consents(mine: Client) -> None:
    page = text_of(mine.get("/me/"))

    assert 'href="/me/alps/"' in page
    assert "Take back" not in page
