"""How often somebody may do something: counted per person, also while the cache is down."""

from collections.abc import Callable
from typing import Any

import pytest
from asgiref.sync import async_to_sync
from django.core.cache import cache, caches
from django.http import HttpRequest, HttpResponse
from django.test import RequestFactory
from redis.exceptions import ConnectionError as NoRedis

from web.limits import limited

Post = Callable[..., Any]


@limited("probe", "2/m")
def probe(request: HttpRequest) -> HttpResponse:
    return HttpResponse("done")


@limited("probe", "2/m")
async def async_probe(request: HttpRequest) -> HttpResponse:
    return HttpResponse("done")


@pytest.fixture(autouse=True)
def counting(settings: Any, db: None) -> None:
    settings.RATE_LIMITS = True
    cache.clear()


@pytest.fixture
def post(rf: RequestFactory) -> Post:
    def make(
        address: str = "192.0.2.1", entered: str = "", method: str = "post", **extra: Any
    ) -> Any:
        request = getattr(rf, method)("/", REMOTE_ADDR=address, **extra)
        request.session = {"participants": [entered]} if entered else {}
        request.user = None
        return request

    return make


def test_a_third_time_is_refused_with_the_time_to_wait(post: Post) -> None:
    answers = [probe(post()) for _ in range(3)]

    assert [answer.status_code for answer in answers] == [200, 200, 429]
    assert 0 < int(answers[2]["Retry-After"]) <= 60
    assert "try again in a minute" in answers[2].content.decode()


def test_programs_are_told_in_json(post: Post) -> None:
    answers = [probe(post(headers={"Accept": "application/json"})) for _ in range(3)]

    assert b'"code": "too_many"' in answers[2].content


def test_asynchronous_views_are_limited_too(post: Post) -> None:
    answers = [async_to_sync(async_probe)(post()) for _ in range(3)]

    assert [answer.status_code for answer in answers] == [200, 200, 429]


def test_reading_is_free(post: Post) -> None:
    assert {probe(post(method="get")).status_code for _ in range(5)} == {200}


def test_others_are_not_held_up(post: Post) -> None:
    for _ in range(3):
        probe(post())

    answers = [probe(post(entered="p1")), probe(post("192.0.2.2"))]

    assert [answer.status_code for answer in answers] == [200, 200]


def test_a_forged_forwarding_header_changes_nothing(post: Post) -> None:
    forged = [{"X-Forwarded-For": f"198.51.100.{n}"} for n in range(3)]

    answers = [probe(post(headers=headers)) for headers in forged]

    assert answers[-1].status_code == 429


def test_addresses_of_one_ipv6_network_are_one(post: Post) -> None:
    answers = [probe(post(f"2001:db8::{n}")) for n in range(3)]

    assert answers[-1].status_code == 429


def test_the_database_counts_while_redis_is_down(
    post: Post, monkeypatch: pytest.MonkeyPatch
) -> None:
    def down(*args: Any) -> None:
        raise NoRedis

    monkeypatch.setattr("redis.connection.UnixDomainSocketConnection.connect", down)
    monkeypatch.setattr("redis.connection.ConnectionPool.get_connection", down)
    caches["database"].clear()

    answers = [probe(post()) for _ in range(3)]

    assert [answer.status_code for answer in answers] == [200, 200, 429]


def test_it_can_be_turned_off(post: Post, settings: Any) -> None:
    settings.RATE_LIMITS = False

    assert {probe(post()).status_code for _ in range(5)} == {200}


def test_a_wrong_rate_is_told_at_once() -> None:
    with pytest.raises(ValueError, match="30/m"):
        limited("probe", "often")
