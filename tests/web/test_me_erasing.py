"""Leaving and erasing by the person's own pages."""

import re

import pytest
from allauth.mfa.models import Authenticator
from django.contrib.admin.models import LogEntry
from django.test import Client

from annotation.models import Assignment
from releases.models import Erasure
from studies.models import Participant, Study, User
from tests.samples import make_participant
from tests.web.pages import text_of
from tests.web.test_me import client_of
from work import queue
from work.models import Job


@pytest.fixture
def owner(study: Study) -> Participant:
    return Participant.objects.get(study=study, ref="owner")


@pytest.fixture
def mine(owner: Participant) -> Client:
    return client_of(owner)


def test_leaving_takes_back_everything_and_keeps_the_data(
    mine: Client, owner: Participant, study: Study
) -> None:
    queue.enqueue(kind="extraction", key={"n": 1}, payload={}, scope=study.scope, subject=owner.pk)

    page = text_of(mine.post("/me/alps/leave/", follow=True))

    owner.refresh_from_db()
    assert owner.left_at is not None
    assert not owner.consents.filter(withdrawn_at__isnull=True).exists()
    assert Job.objects.get(subject=owner.pk).state == "cancelled"
    assert owner.conversations.count() == 1
    assert "You have left this study." in page


def test_leaving_page_alone_changes_nothing(mine: Client, owner: Participant) -> None:
    mine.get("/me/alps/leave/")

    owner.refresh_from_db()
    assert owner.left_at is None


def test_erasing_needs_the_tick(mine: Client) -> None:
    response = mine.post("/me/alps/erase/")

    assert response.status_code == 422
    assert "Nothing was erased." in text_of(response)
    assert not Erasure.objects.exists()


def test_erasing_shows_a_receipt_that_finds_it_again(mine: Client, client: Client) -> None:
    page = text_of(mine.post("/me/alps/erase/", {"sure": "yes"}, follow=True))

    receipt = Erasure.objects.get().receipt
    assert re.fullmatch(r"[A-Z2-9]{4}(-[A-Z2-9]{4}){3}", receipt)
    assert receipt in page
    assert "You are being erased" in text_of(client.get(f"/erasures/{receipt}/"))
    assert receipt in text_of(mine.get("/me/"))


def test_unknown_receipt_finds_nothing(client: Client, study: Study) -> None:
    assert client.get("/erasures/AAAA-AAAA-AAAA-AAAA/").status_code == 404


def test_other_participant_cannot_ask_for_it(study: Study, client: Client) -> None:
    other = make_participant(study, "other")

    assert client.post("/me/alps/erase/", {"sure": "yes"}).status_code == 404
    client_of(other).post("/me/alps/erase/", {"sure": "yes"})
    assert Erasure.objects.get().subject == other.pk


def test_no_more_is_shown_to_peers_once_asked(
    mine: Client, owner: Participant, study: Study
) -> None:
    peer = client_of(make_participant(study, "peer"))
    assert "Lives near" in text_of(peer.get("/judge/alps/extraction/"))

    mine.post("/me/alps/erase/", {"sure": "yes"})

    assert "Lives near" not in text_of(peer.get("/judge/alps/extraction/"))
    assert not Assignment.objects.filter(subject=owner, state="leased").exists()


def test_taking_back_sharing_gives_back_what_others_hold(
    mine: Client, owner: Participant, study: Study
) -> None:
    peer = client_of(make_participant(study, "peer"))
    peer.get("/judge/alps/extraction/")
    assert Assignment.objects.filter(subject=owner, state="leased").exists()

    mine.post("/me/alps/withdraw/", {"scope": "peers"})

    assert not Assignment.objects.filter(subject=owner, state="leased").exists()
    assert "Lives near" not in text_of(peer.get("/judge/alps/extraction/"))


def test_taking_back_taking_part_gives_back_what_they_hold(study: Study) -> None:
    person = make_participant(study, "peer")
    peer = client_of(person)
    peer.get("/judge/alps/extraction/")
    assert Assignment.objects.filter(rater__participant=person, state="leased").exists()

    peer.post("/me/alps/withdraw/", {"scope": "take_part"})

    assert not Assignment.objects.filter(rater__participant=person, state="leased").exists()


@pytest.fixture
def staff(db: None) -> Client:
    client = Client()
    user = User.objects.create_superuser("root", password="a good long one")
    Authenticator.objects.create(user=user, type="totp", data={"secret": "x"})
    client.force_login(user)
    return client


def ask_in_admin(staff: Client, study: Study, **fields: str) -> int:
    data = {"study": str(study.pk), "pseudonym": "owner", "sure": "on"} | fields
    response = staff.post("/admin/releases/erasure/add/", data)
    return response.status_code


def test_staff_may_ask_on_somebodys_word(staff: Client, study: Study, owner: Participant) -> None:
    assert ask_in_admin(staff, study) == 302

    erasure = Erasure.objects.get()
    assert erasure.subject == owner.pk
    assert LogEntry.objects.get(object_id=str(erasure.pk)).user.username == "root"


@pytest.mark.parametrize("fields", [{"pseudonym": "nobody"}, {"sure": ""}])
def test_staff_cannot_ask_by_accident(staff: Client, study: Study, fields: dict[str, str]) -> None:
    assert ask_in_admin(staff, study, **fields) == 200

    assert not Erasure.objects.exists()
