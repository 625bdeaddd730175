"""The words of the account pages, and where signing in leads."""

from typing import Any

from django.test import Client

from studies.models import Study, User
from tests.web.pages import text_of
from tests.web.test_accounts import PASSWORD, enrolled, sign_in

NEEDED = "Whoever runs studies needs one"


def test_sign_in_says_what_to_enter(client: Client, db: None) -> None:
    page = text_of(client.get("/accounts/login/"))

    assert "User name or e-mail" in page
    assert "Login:" not in page


def test_second_factor_is_called_needed_only_where_it_is(
    client: Client, manager: User, settings: Any
) -> None:
    client.force_login(manager)
    settings.REQUIRE_MFA = False
    assert NEEDED not in text_of(client.get("/accounts/2fa/"))

    settings.REQUIRE_MFA = True
    assert NEEDED in text_of(client.get("/accounts/2fa/"))


def test_asking_again_is_in_our_words(client: Client, manager: User, study: Study) -> None:
    client.force_login(manager)
    assert "Is it still you?" in text_of(client.get("/accounts/reauthenticate/"))

    enrolled(manager)
    page = text_of(client.get("/accounts/2fa/reauthenticate/"))
    assert "Is it still you?" in page
    assert "safeguard" not in page


def test_researchers_land_on_their_studies(client: Client, manager: User) -> None:
    assert sign_in(client).redirect_chain[-1][0] == "/studies/"

    User.objects.create_user("somebody", password=PASSWORD)
    assert sign_in(Client(), "somebody").redirect_chain[-1][0] == "/"
