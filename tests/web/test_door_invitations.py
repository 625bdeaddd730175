"""Invitations and links back: who they let in, how often, and until when."""

import threading
from datetime import timedelta
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import connection
from django.test import Client
from django.utils import timezone

from studies.actions.ending import renew_link
from studies.actions.entering import enter_study
from studies.actions.invitations import create_invitation, revoke_invitation, use_invitation
from studies.actions.members import add_member
from studies.models import Participant, Study, User
from studies.recruitment.models import Invitation
from studies.recruitment.resuming import token_for
from tests.studies.recruitment import study_with
from tests.web.pages import text_of

pytestmark = pytest.mark.django_db
YES = {"scopes": ["take_part"], "version": "2"}


@pytest.fixture
def study() -> Study:
    return study_with(open=False)


@pytest.fixture
def ada(study: Study) -> User:
    user = User.objects.create_user("ada")
    add_member(study=study, user=user, role="manager", by=None)
    return user


def invite(study: Study, by: User, **more: Any) -> str:
    """The link of a new invitation."""
    _invitation, secret = create_invitation(study=study, by=by, **more)
    return f"/s/alps/i/{secret}/"


def test_secret_has_192_bits_and_is_not_kept(study: Study, ada: User) -> None:
    invitation, secret = create_invitation(study=study, by=ada)

    assert len(secret) == 32
    assert secret not in str(Invitation.objects.filter(pk=invitation.pk).values())


@pytest.mark.parametrize("wrong", [{"limit": 0}, {"limit": 10_001}, {"days": 0}, {"days": 366}])
def test_invitation_holds_for_somebody_and_some_time(
    study: Study, ada: User, wrong: dict[str, int]
) -> None:
    with pytest.raises(ValidationError):
        create_invitation(study=study, by=ada, **wrong)  # type: ignore[arg-type]


def test_only_managers_invite_and_revoke(study: Study, ada: User) -> None:
    stranger = User.objects.create_user("bo")
    invitation, _secret = create_invitation(study=study, by=ada)

    with pytest.raises(PermissionDenied):
        create_invitation(study=study, by=stranger)
    with pytest.raises(PermissionDenied):
        revoke_invitation(invitation=invitation, by=stranger)


def test_invitation_leads_to_a_clean_address_and_lets_in(
    client: Client, study: Study, ada: User
) -> None:
    response = client.get(invite(study, ada, is_expert=True))
    assert response["Location"] == "/s/alps/"

    client.post("/s/alps/", YES)

    assert Participant.objects.get().is_expert
    assert Invitation.objects.get().uses == 1


def test_opening_does_not_use_it_up(client: Client, study: Study, ada: User) -> None:
    link = invite(study, ada)
    Client().get(link, follow=True)

    client.get(link)

    assert "Agree and begin" in text_of(client.get("/s/alps/"))
    assert Invitation.objects.get().uses == 0


def test_coming_back_does_not_use_it_again(client: Client, study: Study, ada: User) -> None:
    link = invite(study, ada)
    client.get(link)
    client.post("/s/alps/", YES)

    assert client.get(link).status_code == 302
    assert "Nothing waits for you" in text_of(client.get("/s/alps/"))
    assert (Invitation.objects.get().uses, Participant.objects.count()) == (1, 1)


def test_used_invitation_lets_nobody_else_in(client: Client, study: Study, ada: User) -> None:
    link = invite(study, ada)
    client.get(link)
    second = Client()
    second.get(link)
    client.post("/s/alps/", YES)

    refused = second.post("/s/alps/", YES)

    assert (refused.status_code, Participant.objects.count()) == (422, 1)
    assert Client().get(link).status_code == 410


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"revoked_at": timezone.now()}, "taken back"),
        ({"expires_at": timezone.now() - timedelta(seconds=1)}, "has expired"),
        ({"uses": 1}, "has been used"),
    ],
)
def test_invitation_that_does_not_hold_says_why(
    client: Client, study: Study, ada: User, change: dict[str, Any], words: str
) -> None:
    link = invite(study, ada)
    Invitation.objects.update(**change)

    response = client.get(link)

    assert response.status_code == 410
    assert words in text_of(response)


def test_unknown_invitation_and_one_of_another_study_do_not_exist(
    client: Client, study: Study, ada: User
) -> None:
    study_with(slug="lakes", open=False)
    link = invite(study, ada)

    addresses = ["/s/alps/i/x/", "/s/none/i/x/", link.replace("alps", "lakes")]
    assert [client.get(address).status_code for address in addresses] == [404, 404, 404]


def test_revoking_twice_keeps_the_first_time(study: Study, ada: User) -> None:
    invitation, _secret = create_invitation(study=study, by=ada)
    revoke_invitation(invitation=invitation, by=ada)
    before = Invitation.objects.get().revoked_at
    revoke_invitation(invitation=invitation, by=ada)

    assert Invitation.objects.get().revoked_at == before


@pytest.mark.django_db(transaction=True)
def test_last_use_goes_to_one_of_many(study: Study, ada: User) -> None:
    invitation, _secret = create_invitation(study=study, by=ada, limit=2)
    results, barrier = [], threading.Barrier(6)

    def use() -> None:
        barrier.wait()
        try:
            use_invitation(study=study, invitation=invitation.pk)
            results.append(True)
        except ValidationError:
            results.append(False)
        connection.close()

    threads = [threading.Thread(target=use) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(results) == [False] * 4 + [True] * 2


@pytest.fixture
def person() -> Participant:
    return enter_study(study=study_with(slug="lakes"), scopes=["take_part"])


def link_of(person: Participant) -> str:
    """Their link back."""
    return f"/s/lakes/back/{token_for(person)}/"


def test_link_back_asks_before_it_lets_in(client: Client, person: Participant) -> None:
    link = link_of(person)

    assert "Go on with this device" in text_of(client.get(link))
    assert "participants" not in client.session
    client.post(link)

    assert client.session["participants"] == [str(person.pk)]


def test_new_link_ends_the_one_before(client: Client, person: Participant) -> None:
    link = link_of(person)
    renew_link(participant=person)

    assert client.get(link).status_code == client.post(link).status_code == 410
    assert client.get(link_of(person)).status_code == 200


@pytest.mark.parametrize("token", ["x", "x:y:z", "W10:x:y"])
def test_forged_link_back_does_not_exist(client: Client, person: Participant, token: str) -> None:
    assert client.post(f"/s/lakes/back/{token}/").status_code == 404


def test_link_back_belongs_to_its_study(client: Client, study: Study, person: Participant) -> None:
    assert client.post(f"/s/alps/back/{token_for(person)}/").status_code == 404


def test_old_link_back_says_so(client: Client, person: Participant, monkeypatch: Any) -> None:
    monkeypatch.setattr("studies.recruitment.resuming.LIFETIME", -1)

    assert "older than 30 days" in text_of(client.post(link_of(person)))


def test_link_back_of_who_left_does_not_hold(client: Client, person: Participant) -> None:
    Participant.objects.update(left_at=timezone.now())

    assert client.post(link_of(person)).status_code == 410


def test_door_shows_the_link_and_makes_another(client: Client, person: Participant) -> None:
    client.post(link_of(person))
    assert "/s/lakes/back/" in text_of(client.get("/s/lakes/"))

    page = text_of(client.post("/s/lakes/back/", follow=True))

    assert Participant.objects.get().link_number == 1
    assert "This is your new one" in page
    assert "<details open>" in page
    assert "<details open>" not in text_of(client.get("/s/lakes/"))


def test_stranger_makes_no_new_link(client: Client, person: Participant) -> None:
    assert client.post("/s/lakes/back/").status_code == 404
