"""Accounts give nothing away: alike answers, headers, cookies, sessions that end."""

import time
from collections.abc import Callable
from typing import Any
from unittest.mock import patch

import pytest
from django.contrib.auth.hashers import MD5PasswordHasher
from django.core import mail
from django.core.cache import cache
from django.test import Client

from studies.models import Study, User
from tests.web.pages import text_of
from tests.web.test_accounts import PASSWORD, sign_in

FORMS = [
    ("/accounts/login/", "login", {"password": "wrong"}),
    ("/accounts/login/code/", "email", {}),
    ("/accounts/password/reset/", "email", {}),
]


@pytest.fixture
def ada(db: None) -> User:
    return User.objects.create_user("ada", "ada@example.org", PASSWORD)


@pytest.mark.parametrize(("path", "field", "more"), FORMS)
def test_known_and_unknown_addresses_look_alike(
    ada: User, path: str, field: str, more: dict[str, str]
) -> None:
    pages = []
    for address in ("ada@example.org", "eve@example.org"):
        answer = Client().post(path, {field: address, **more}, follow=True)
        pages.append((answer.status_code, len(text_of(answer).replace(address, ""))))

    assert pages[0] == pages[1]


@pytest.mark.parametrize("names", [("ada", "eve"), ("ada@example.org", "eve@example.org")])
def test_known_and_unknown_names_cost_the_same_work(ada: User, names: tuple[str, str]) -> None:
    counts = []
    for name in names:
        with patch.object(
            MD5PasswordHasher, "encode", autospec=True, side_effect=MD5PasswordHasher.encode
        ) as hashed:
            sign_in(Client(), name, "wrong")
        counts.append(hashed.call_count)

    assert counts[0] == counts[1] > 0


def test_nothing_is_sent_to_addresses_without_an_account(ada: User) -> None:
    Client().post("/accounts/password/reset/", {"email": "eve@example.org"})

    assert mail.outbox == []


def test_guessing_ends_also_with_the_right_password(ada: User, settings: Any) -> None:
    cache.clear()
    settings.ACCOUNT_RATE_LIMITS = {"login_failed": "10/m/ip,5/5m/key"}
    for _ in range(6):
        sign_in(Client(), "ada", "wrong")

    browser = Client()
    page = text_of(sign_in(browser, "ada"))

    assert "_auth_user_id" not in browser.session
    assert "Too many failed" in page


def test_guessing_is_counted_while_redis_is_down(
    ada: User, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("config.cache.RedisCache.get", down)
    monkeypatch.setattr("config.cache.RedisCache.add", down)
    test_guessing_ends_also_with_the_right_password(ada, settings)


def down(*_call: Any, **_options: Any) -> None:
    from redis.exceptions import ConnectionError as NoRedis

    raise NoRedis


def test_without_mail_nothing_is_offered_that_needs_it(
    client: Client, db: None, settings: Any
) -> None:
    settings.HAS_MAIL = False

    assert "sends no e-mail" in text_of(client.get("/accounts/password/reset/"))


@pytest.fixture
def moved(monkeypatch: pytest.MonkeyPatch) -> Callable[[float], None]:
    def move(seconds: float) -> None:
        later = time.time() + seconds
        monkeypatch.setattr("web.middleware.time.time", lambda: later)

    return move


def test_a_managers_session_ends_when_nobody_is_there(
    researcher: Client, moved: Callable[[float], None]
) -> None:
    assert researcher.get("/studies/alps/").status_code == 200

    moved(31 * 60)

    assert researcher.get("/studies/alps/")["Location"].startswith("/accounts/login/?next=")


def test_a_managers_session_ends_after_a_day_of_work(
    researcher: Client, moved: Callable[[float], None]
) -> None:
    for minutes in range(0, 12 * 60, 25):
        moved(minutes * 60 / 1e9 if not minutes else 25 * 60)
        researcher.get("/studies/alps/")
    session = researcher.session
    session["times"] = (time.time() - 13 * 3600, session["times"][1])
    session.save()

    assert researcher.get("/studies/alps/").status_code == 302


def test_fragments_that_a_page_fetches_do_not_keep_it(researcher: Client) -> None:
    researcher.get("/studies/alps/runs/", headers={"HX-Request": "true"})

    assert "times" not in researcher.session


def test_pages_of_somebody_are_in_no_cache(researcher: Client, study: Study) -> None:
    answer = researcher.get("/")

    assert "no-store" in answer["Cache-Control"]
    assert answer["Cross-Origin-Resource-Policy"] == "same-origin"
    assert answer["Cross-Origin-Opener-Policy"] == "same-origin"
    assert "object-src 'none'" in answer["Content-Security-Policy"]


def test_programs_are_refused_in_the_clear(client: Client, db: None, settings: Any) -> None:
    settings.IS_HTTPS = settings.SECURE_SSL_REDIRECT = True

    refused, led = client.get("/api/v1/studies/"), client.get("/")

    assert (refused.status_code, refused.json()["error"]["code"]) == (403, "insecure")
    assert (led.status_code, led["Location"]) == (301, "https://testserver/")
    assert client.get("/healthz").status_code == 200


@pytest.mark.parametrize("origin", ["null", "https://evil.example"])
def test_forms_of_other_sites_are_refused(study: Study, origin: str) -> None:
    browser = Client(enforce_csrf_checks=True)
    browser.get("/accounts/login/")
    token = browser.cookies["csrf"].value
    form = {"login": "manager", "password": "x", "csrfmiddlewaretoken": token}

    refused = browser.post("/accounts/login/", form, headers={"Origin": origin})
    taken = browser.post("/accounts/login/", form, headers={"Origin": "http://testserver"})

    assert (refused.status_code, taken.status_code) == (403, 200)
