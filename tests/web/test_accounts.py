"""Signing in: what is offered, who needs a second factor, and that nothing is given away."""

import re
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import (
    TOTP,
    format_hotp_value,
    generate_totp_secret,
    hotp_value,
    yield_hotp_counters_from_time,
)
from django.core import mail
from django.test import Client

from studies.models import Study, User
from tests.web.pages import text_of

PASSWORD = "a good long one"


def code_of(secret: str) -> str:
    """What an authenticator app shows now."""
    return str(format_hotp_value(hotp_value(secret, next(iter(yield_hotp_counters_from_time())))))


def sign_in(client: Client, name: str = "manager", password: str = PASSWORD) -> Any:
    return client.post("/accounts/login/", {"login": name, "password": password}, follow=True)


def enrolled(user: User) -> str:
    """Give them an authenticator app and recovery codes; its secret."""
    secret: str = generate_totp_secret()
    TOTP.activate(user, secret)
    RecoveryCodes.activate(user)
    return secret


@pytest.fixture
def required(settings: Any) -> None:
    settings.REQUIRE_MFA = True


def test_who_runs_studies_is_led_to_enrolment(
    client: Client, manager: User, required: None
) -> None:
    landed = sign_in(client)

    assert landed.redirect_chain[-1][0] == "/accounts/2fa/"
    assert client.get("/studies/")["Location"] == "/accounts/2fa/"


@pytest.mark.parametrize("path", ["/admin/", "/admin/studies/user/", "/studies/", "/me/", "/"])
def test_no_page_opens_without_a_second_factor(
    client: Client, db: None, required: None, path: str
) -> None:
    client.force_login(User.objects.create_superuser("operator", password=PASSWORD))

    assert client.get(path)["Location"] == "/accounts/2fa/"


def test_the_admins_own_login_opens_no_page_of_it(client: Client, db: None, required: None) -> None:
    User.objects.create_superuser("operator", password=PASSWORD)

    client.post("/admin/login/", {"username": "operator", "password": PASSWORD})
    sign_in(client, "operator")

    assert client.get("/admin/").status_code == 302


def test_scripts_are_refused_with_a_sentence(client: Client, manager: User, required: None) -> None:
    client.force_login(manager)

    fragment = client.get("/studies/", headers={"HX-Request": "true"})
    document = client.get("/studies/", headers={"Accept": "application/json"})

    assert (fragment.status_code, document.status_code) == (403, 403)
    assert "second factor" in document.json()["error"]["message"]


def test_participants_and_viewers_need_none(client: Client, study: Study, required: None) -> None:
    client.force_login(User.objects.create_user("somebody"))

    assert client.get("/me/").status_code == 200


def test_a_session_from_before_enrolment_has_to_show_it(
    client: Client, manager: User, required: None
) -> None:
    client.force_login(manager)
    enrolled(manager)

    assert client.get("/studies/")["Location"] == "/accounts/2fa/reauthenticate/?next=%2Fstudies%2F"
    assert client.get("/accounts/2fa/totp/deactivate/").status_code == 302


def test_app_code_signs_in_once(client: Client, manager: User, required: None) -> None:
    code = code_of(enrolled(manager))
    sign_in(client)
    client.post("/accounts/2fa/authenticate/", {"code": code})
    assert client.get("/studies/").status_code == 200

    other = Client()
    sign_in(other)
    again = other.post("/accounts/2fa/authenticate/", {"code": code})

    assert "Incorrect code" in text_of(again)
    assert other.get("/studies/").status_code == 302


def test_recovery_code_signs_in_once(client: Client, manager: User, required: None) -> None:
    enrolled(manager)
    row = Authenticator.objects.get(user=manager, type=Authenticator.Type.RECOVERY_CODES)
    code = row.wrap().generate_codes()[0]
    for browser in (client, other := Client()):
        sign_in(browser)
        browser.post("/accounts/2fa/authenticate/", {"code": code})

    assert (client.get("/studies/").status_code, other.get("/studies/").status_code) == (200, 302)


def test_the_last_second_factor_stays(client: Client, manager: User, required: None) -> None:
    code = code_of(enrolled(manager))
    sign_in(client)
    client.post("/accounts/2fa/authenticate/", {"code": code})

    client.post("/accounts/2fa/totp/deactivate/")

    assert Authenticator.objects.filter(user=manager, type=Authenticator.Type.TOTP).exists()


def test_secrets_of_apps_are_kept_encrypted(manager: User) -> None:
    secret = enrolled(manager)

    row = Authenticator.objects.get(user=manager, type=Authenticator.Type.TOTP)

    assert secret not in str(row.data)
    assert row.wrap().validate_code(code_of(secret))


def test_a_code_by_mail_signs_in(client: Client, db: None) -> None:
    User.objects.create_user("ada", "ada@example.org", PASSWORD)

    client.post("/accounts/login/code/", {"email": "ada@example.org"})
    code = re.search(r"^[A-Z0-9-]{6,}$", str(mail.outbox[0].body), re.MULTILINE)
    assert code
    client.post("/accounts/login/code/confirm/", {"code": code[0]})

    assert client.session["_auth_user_id"]


def test_nobody_signs_up_by_themselves(client: Client, db: None) -> None:
    answer = client.post("/accounts/signup/", {"email": "eve@example.org", "username": "eve"})

    assert (User.objects.count(), "closed" in text_of(answer)) == (0, True)
