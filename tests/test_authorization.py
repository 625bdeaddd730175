"""Every address × method × kind of person: who gets in, and that the foreign looks like nothing.

The addresses come from the URLconf, what is right from `tests/policies.py`.
"""

import re
from collections.abc import Iterator
from typing import Any
from uuid import UUID

import pytest
from django.db import transaction
from django.test import Client

from tests import policies as who
from tests.policies import POLICIES, Policy, policy_of
from tests.routes import CHOICES, MISSING, Route, routes
from tests.world import World

pytestmark = pytest.mark.walk

READING = ("GET", "HEAD", "OPTIONS")
WRITING = ("POST", "PUT", "PATCH", "DELETE")
COMPARED = ("GET", "POST")
AWAY = re.compile(r"^/(accounts/(login|2fa|reauthenticate)/|admin/login/|$)")
DOOR = re.compile(r"^/s/[\w-]+/$")
"""Where somebody is led who may not go on."""
MASKED = re.compile(
    r'name="csrfmiddlewaretoken" value="\w+"|"X-CSRFToken": "\w+"'
    r"|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"
)
"""What differs every time, or is only the id that was asked for."""
ODD_IDS = [
    "-1",
    "0",
    str(2**63),
    "%00",
    "a%00b",
    str(UUID(int=1 << 76)),
    "[]",
    "..",
    "%F0%9F%98%80",
]

ALL = routes()


class Visit:
    """One kind of person at every address."""

    def __init__(self, world: World, actor: str) -> None:
        self.actor = actor
        self.browser: Client = world.browser(actor)
        self.browser.raise_request_exception = False
        self.cookies = {name: one.value for name, one in self.browser.cookies.items()}
        self.values = CHOICES | world.things

    def ask(self, method: str, path: str, policy: Policy, route: Route) -> Any:
        """The answer; nothing that it changes lasts."""
        self.browser.cookies.clear()
        self.browser.cookies.load(self.cookies)
        options: dict[str, Any] = {"data": dict(policy.body)} if method == "POST" else {}
        if route.is_api and method in WRITING:
            options = {"data": dict(policy.body), "content_type": "application/json"}
        with transaction.atomic():
            answer = getattr(self.browser, method.lower())(path, **options)
            if answer.streaming and not answer.is_async:
                b"".join(answer.streaming_content)
            transaction.set_rollback(True)
        return answer

    def may(self, method: str, policy: Policy) -> bool:
        """Is it in order that they get in?"""
        return self.actor in (policy.reads if method in READING else policy.writes | policy.reads)

    def faults(self, route: Route) -> Iterator[str]:
        """What is wrong with how one address answers them."""
        policy = policy_of(route.name)
        assert policy, f"{route.name} has no line in tests/policies.py"
        path = route.path(self.values)
        for method in COMPARED if route.is_admin else (*READING, *WRITING):
            answer = self.ask(method, path, policy, route)
            told = f"{self.actor}: {method} {path} → {answer.status_code}"
            if answer.status_code >= 500:
                yield f"{told} is an error"
            elif is_in(answer, method) and not self._is_in_order(method, policy):
                yield f"{told} {answer.get('Location', '')} (route {route.name})"
            elif method in COMPARED and not self._knows(policy):
                yield from self._differences(method, route, policy, answer, told)

    def _is_in_order(self, method: str, policy: Policy) -> bool:
        if method == "POST":
            return self.actor in policy.writes
        return self.actor in policy.reads | policy.writes

    def _knows(self, policy: Policy) -> bool:
        return self.actor in policy.reads | policy.writes | policy.knows

    def _differences(
        self, method: str, route: Route, policy: Policy, answer: Any, told: str
    ) -> Iterator[str]:
        known = {"slug"} if self.actor in who.OF_THE_STUDY else set()
        for name in (set(route.parameters) & set(MISSING)) - known:
            nowhere = route.path(self.values | {name: MISSING[name]})
            missing = self.ask(method, nowhere, policy, route)
            here = plain(answer, route.path(self.values))
            if (answer.status_code, here) != (missing.status_code, plain(missing, nowhere)):
                yield f"{told}, but {missing.status_code} or another text where {name} is missing"


def is_in(answer: Any, method: str) -> bool:
    """Was something given, or done?"""
    if answer.status_code in (301, 302, 303, 307):
        place = answer["Location"].partition("?")[0]
        is_led_back = method in READING and DOOR.match(place)
        return not (AWAY.match(place) or is_led_back)
    tells = method != "OPTIONS" or answer.content
    return bool(200 <= answer.status_code < 300 and tells)


def plain(answer: Any, path: str) -> str:
    """The answer without its own address, the door of what that names, and without tokens."""
    text = "" if answer.streaming else answer.content.decode(errors="replace")
    whole = f"{answer.get('Location', '')}{text}"
    without = whole.replace(path, "").replace(path.replace("/", "%2F"), "")
    if path.startswith("/judge/"):  # It leads back to the study asked for, known or not.
        without = without.replace(f'href="/s/{path.split("/")[2]}/"', "")
    return MASKED.sub("", without)


@pytest.fixture
def world(db: None, settings: Any) -> World:
    settings.REQUIRE_MFA = True
    return World()


def test_every_route_has_a_policy() -> None:
    missing = [route.name for route in ALL if policy_of(route.name) is None]

    assert missing == [], "each needs a line in tests/policies.py"


def test_every_parameter_is_known() -> None:
    names = {name for route in ALL for name in route.parameters}

    assert names - set(CHOICES) - set(MISSING) == set(), "say in tests/routes.py what they may be"


def test_no_policy_is_left_over() -> None:
    assert set(POLICIES) - {route.name for route in ALL} == {"admin:*"}


def test_a_route_without_a_policy_is_noticed() -> None:
    assert policy_of("a_new_page") is None


@pytest.mark.parametrize("actor", [*who.BROWSERS, *who.TOKENS])
def test_nobody_gets_in_where_no_policy_lets_them(world: World, actor: str) -> None:
    visit = Visit(world, actor)
    places = [route for route in ALL if policy_of(route.name) and concerns(route, actor)]

    faults = [fault for route in places for fault in visit.faults(route)]

    assert not faults, "\n".join(["", *faults])


def concerns(route: Route, actor: str) -> bool:
    """Can there be anything wrong for them? They all look alike to some addresses."""
    policy = policy_of(route.name)
    if actor != who.ANONYMOUS and policy and actor in policy.reads & policy.writes:
        return False
    if route.is_api:
        return actor in who.TOKENS or actor in (who.ANONYMOUS, who.SUPERUSER)
    if route.is_admin:
        return actor in (who.ANONYMOUS, who.STAFF)
    return actor in who.BROWSERS or actor == who.MANAGE


def test_odd_ids_are_no_errors(world: World) -> None:
    visits = [Visit(world, actor) for actor in (who.SUPERUSER, who.PEER, who.MANAGE)]
    faults = []
    for route, name in [(one, name) for one in ALL for name in one.parameters]:
        visit = visits[2 if route.is_api else 1 if route.path(visits[1].values)[:3] == "/s/" else 0]
        if route.name == "admin:view_on_site":  # Django's own, for superusers only
            continue
        for odd in ODD_IDS if not route.is_admin else ODD_IDS[:4]:
            path = route.path(visit.values | {name: odd})
            status = visit.ask("GET", path, Policy(who.NOBODY), route).status_code
            if status >= 500:
                faults.append(f"{path} → {status}")

    assert faults == []


SET_BY_US = {
    "is_staff": True, "is_superuser": True, "role": "owner", "study": "andes", "study_id": "andes",
    "participant": "owner", "user": 1, "scope": "manage", "state": "published", "cost": 0,
    "score": 10, "created_at": "2001-01-01T00:00:00Z", "id": str(UUID(int=7)), "is_usable": False,
}  # fmt: skip


def test_what_is_ours_to_set_is_refused_or_ignored(world: World) -> None:
    visit = Visit(world, who.MANAGE)
    faults = []
    for route in [one for one in ALL if one.is_api]:
        told = policy_of(route.name)
        policy = Policy(who.NOBODY, body={**(told.body if told else {}), **SET_BY_US})
        for method in ("POST", "PATCH", "PUT"):
            answer = visit.ask(method, route.path(visit.values), policy, route)
            if answer.status_code >= 500 or any(
                str(value) in plain(answer, "") for value in ("2001-01-01", SET_BY_US["id"])
            ):
                faults.append(f"{method} {route.pattern} → {answer.status_code}")

    assert faults == []
