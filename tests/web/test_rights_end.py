"""Losing a right takes effect at the next request, on every session and token that is open."""

from typing import Any

import pytest
from django.test import Client

from studies.actions.consents import withdraw_consent
from studies.models import ApiToken, Membership, Participant, Study, User
from tests.web.conftest import entered_as


def test_a_disabled_account_is_signed_out_everywhere(researcher: Client, manager: User) -> None:
    assert researcher.get("/studies/alps/").status_code == 200

    User.objects.filter(pk=manager.pk).update(is_active=False)

    assert researcher.get("/studies/alps/").status_code == 302


def test_a_lost_role_closes_the_study(researcher: Client, manager: User) -> None:
    assert researcher.get("/studies/alps/").status_code == 200

    Membership.objects.filter(user=manager).delete()

    assert researcher.get("/studies/alps/").status_code == 404


def test_a_lesser_role_changes_nothing_any_more(researcher: Client, manager: User) -> None:
    Membership.objects.filter(user=manager).update(role="viewer")

    assert researcher.get("/studies/alps/").status_code == 200
    assert researcher.post("/studies/alps/release/").status_code == 403


@pytest.mark.parametrize("loss", ["revoked", "disabled", "no role"])
def test_a_token_ends_with_the_right_behind_it(study: Study, manager: User, loss: str) -> None:
    row, token = ApiToken.objects.create(user=manager, study=study)
    program = Client(headers={"Authorization": f"Bearer {token}"})
    assert program.get("/api/v1/studies/alps/").status_code == 200

    losses: dict[str, Any] = {
        "revoked": row.delete,
        "disabled": lambda: User.objects.filter(pk=manager.pk).update(is_active=False),
        "no role": Membership.objects.filter(user=manager).delete,
    }
    losses[loss]()

    assert program.get("/api/v1/studies/alps/").status_code in (401, 404)


def test_a_new_password_ends_other_sessions(researcher: Client, manager: User) -> None:
    manager.set_password("another good long one")
    manager.save()

    assert researcher.get("/studies/alps/").status_code == 302


def test_who_withdrew_gets_no_more_tasks(client: Client, peer: Participant) -> None:
    rater = entered_as(client, peer)
    assert rater.get("/judge/alps/extraction/").status_code == 200

    withdraw_consent(participant=peer, scope="take_part")
    page = rater.get("/judge/alps/extraction/")

    assert page.status_code in (302, 403) or b"<form data-submits" not in page.content


def test_ending_other_sessions_ends_them(client: Client, manager: User) -> None:
    other = Client()
    for browser in (client, other):
        browser.post("/accounts/login/", {"login": "manager", "password": "a good long one"})

    client.post("/accounts/sessions/")

    assert client.get("/studies/alps/").status_code == 200
    assert other.get("/studies/alps/").status_code == 302
