"""No peer, no export and no endpoint gets a turn before its owner confirmed and allowed it.

A word is planted in everything that somebody has not shared; then every address, job, periodic act
and export is gone through for it. Another word proves that the search would find it.
"""

import json
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from django.apps import apps
from django.conf import settings
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.db import transaction
from django.test import Client

from annotation.actions.judging import plan_judging
from annotation.actions.tasks import open_all_tasks
from annotation.models import Assignment
from bench.fakellm.honest import honest_answer
from bench.fakellm.server import FakeLlm
from collection.models import Conversation
from generation.actions.runs import plan_run
from llm.actions.endpoints import baseline_endpoint
from llm.models import Call, Endpoint
from releases.actions.releasing import plan_release
from releases.management.commands.export import FORMATS
from releases.models import Release
from releases.tables.registry import TABLES
from studies.actions.consents import withdraw_consent
from tests.canaries import held, in_database, in_files
from tests.gate import BROWSERS, OPEN, SECRET, TOKENS, Gate
from tests.generation.machine import served, work_off
from tests.routes import CHOICES, MISSING, Route, routes
from work import registry

STAGES = ("extraction", "relevance", "response")
UNSHARED = "collection_unshared", "collection_replyevent", "collection_redaction"
LEAVING = ("logout",)
"""Addresses that would end the visit."""
BODIES: dict[str, dict[str, Any]] = {
    "review_conversation": {"act": "share", "seen": "x"},
    "remove_conversation": {},
    "start_judging": {"stage": "extraction", "judge": "plain"},
    "generate": {"stage": "extraction"},
}

pytestmark = pytest.mark.django_db


@pytest.fixture
def gate() -> Gate:
    """A study in which something is not shared."""
    return Gate()


@pytest.fixture
def machine() -> Iterator[FakeLlm]:
    """A model behind real HTTP that remembers what it was sent."""
    with FakeLlm(honest_answer) as server:
        yield server


# -- Addresses -----------------------------------------------------------------


def text_of(answer: Any) -> str:
    """All that came back: where it leads, its headers and its body."""
    assert not getattr(answer, "is_async", False), "a stream of somebody else's"
    body = b"".join(answer.streaming_content) if answer.streaming else answer.content
    return f"{dict(answer.headers)}{body.decode('utf-8', 'replace')}"


def answers(gate: Gate, actor: str, wanted: list[Route]) -> Iterator[tuple[str, str]]:
    """Method and address → what came back, for each thing of the owner's; nothing lasts."""
    browser = gate.browser(actor)
    cookies = {name: one.value for name, one in browser.cookies.items()}
    for route in wanted:
        for path in addresses(gate, route):
            for method in ("get", "post"):
                browser.cookies.load(cookies)
                yield f"{method} {path}", asked(browser, method, path, route)


def asked(browser: Client, method: str, path: str, route: Route) -> str:
    """What comes back; nothing that is changed lasts."""
    options: dict[str, Any] = {}
    if method == "post":
        options["data"] = BODIES.get(route.name, {})
        if route.is_api:
            options["content_type"] = "application/json"
    with transaction.atomic():
        text = text_of(getattr(browser, method)(path, **options))
        transaction.set_rollback(True)
    return text


class Values(dict[str, Any]):
    """Of parameters; one that nobody here knows belongs to no thing of the owner's."""

    def __missing__(self, name: str) -> UUID:
        return UUID(int=4 << 76 | 2 << 62)


def addresses(gate: Gate, route: Route) -> list[str]:
    """The route with every thing, table and stage that fits; each address once."""
    several = [("table", TABLES), ("stage", STAGES)]
    ways: list[dict[str, Any]] = gate.things()
    for parameter, values in several:
        if parameter in route.parameters:
            ways = [way | {parameter: value} for way in ways for value in values]
    return sorted({route.path(Values(MISSING | CHOICES | way)) for way in ways})


def places(gate: Gate, actor: str, word: str, *, of_admin: bool = False) -> list[str]:
    """Where somebody finds the word."""
    wanted = [
        route
        for route in routes()
        if route.is_admin == of_admin and not any(name in route.pattern for name in LEAVING)
    ]
    found = answers(gate, actor, wanted)
    return [place for place, text in found if held(text.encode(), [(word, word.encode())])]


@pytest.mark.walk
@pytest.mark.parametrize("actor", [*BROWSERS, *TOKENS])
def test_no_address_shows_anybody_else_what_is_not_shared(gate: Gate, actor: str) -> None:
    assert places(gate, actor, SECRET) == []


@pytest.mark.walk
def test_no_page_for_operators_shows_it(gate: Gate) -> None:
    assert places(gate, "staff", SECRET, of_admin=True) == []


def test_what_is_not_shared_has_no_page_for_operators() -> None:
    room = [model for model in apps.get_models() if model.__module__.endswith("unshared.models")]

    assert len(room) == 5
    assert [model for model in room if admin.site.is_registered(model)] == []


def leave_only(shared: Conversation, gate: Gate) -> None:
    """Machines noticed something in it, and there is no other task: whoever asks gets it."""
    machines_propose(gate, baseline_endpoint())
    Assignment.objects.exclude(task__conversation=shared).delete()
    assert Assignment.objects.exists()


@pytest.mark.walk
def test_shared_words_are_found_by_the_same_search(gate: Gate) -> None:
    leave_only(gate.share(), gate)

    assert any("/judge/" in place for place in places(gate, "peer", OPEN))
    assert any("/export/" in place for place in places(gate, "manage", OPEN))


# -- Machines ------------------------------------------------------------------


def machines_propose(gate: Gate, endpoint: Endpoint) -> None:
    """Everything that machines do in a study, to the end."""
    for stage in STAGES:
        propose(gate, stage, endpoint)
    open_all_tasks(study=gate.study)
    for stage in STAGES:
        # Where nobody allowed it, there is nothing to judge.
        with suppress(ValidationError):
            plan_judging(study=gate.study, stage=stage, judge_name="plain", by="test")
        work_off()


def propose(gate: Gate, stage: str, endpoint: Endpoint) -> None:
    """A run of a stage; where nobody allowed it, there is nothing to ask."""
    with suppress(ValidationError):
        plan_run(study=gate.study, stage=stage, endpoint=endpoint, by="test")
    work_off()


def tick() -> None:
    """Every periodic act, whatever it enqueues, and that done."""
    for periodic in registry.periodics():
        periodic.act(datetime.now(UTC))
        work_off()


def in_open_rooms(word: str) -> list[str]:
    """The columns that hold a word, but for the tables of what is not shared."""
    found = {place for place, content in in_database() if held(content, [(word, word.encode())])}
    return sorted(place for place in found if not place.startswith(UNSHARED))


def sent(machine: FakeLlm) -> str:
    """All that the model was sent."""
    return json.dumps(machine.requests, ensure_ascii=False)


@pytest.fixture
def model(machine: FakeLlm, settings: Any) -> Endpoint:
    """The same as the site's own endpoint, which judges and automatic work use too."""
    settings.LLM_BASE_URL, settings.LLM_MODEL = machine.url, "fake-model"
    return served(machine)


def test_no_job_and_no_periodic_act_touches_it(
    gate: Gate, machine: FakeLlm, model: Endpoint
) -> None:
    for endpoint in (baseline_endpoint(), model):
        machines_propose(gate, endpoint)
    tick()

    assert machine.requests
    assert SECRET not in sent(machine)
    assert OPEN not in sent(machine)
    assert in_open_rooms(SECRET) == in_open_rooms(OPEN) == []


def test_every_registered_kind_of_job_was_done(gate: Gate, model: Endpoint) -> None:
    machines_propose(gate, model)
    plan_release(study=gate.study, by=None)
    tick()

    done = set(Call.objects.values_list("purpose", flat=True))
    assert {"extraction", "relevance", "response", "judge"} <= done
    assert Release.objects.get().state == Release.State.PUBLISHED


def test_shared_words_reach_the_model_redacted(
    gate: Gate, machine: FakeLlm, model: Endpoint
) -> None:
    gate.share()

    machines_propose(gate, model)

    assert OPEN in sent(machine)
    assert SECRET not in sent(machine)
    assert "[HIDDEN_1]" in sent(machine)


def test_without_the_scope_no_model_of_others_gets_it(
    gate: Gate, machine: FakeLlm, model: Endpoint
) -> None:
    gate.share()
    withdraw_consent(participant=gate.owner, scope="models")
    machines_propose(gate, baseline_endpoint())

    for stage in STAGES:
        propose(gate, stage, model)
    tick()

    assert OPEN not in sent(machine)


def test_scope_taken_back_while_a_job_waits_holds(
    gate: Gate, machine: FakeLlm, model: Endpoint
) -> None:
    gate.share()
    plan_run(study=gate.study, stage="extraction", endpoint=model, by="test")
    withdraw_consent(participant=gate.owner, scope="models")

    work_off()

    assert OPEN not in sent(machine)


@pytest.mark.walk
def test_without_the_scope_no_peer_sees_it(gate: Gate) -> None:
    leave_only(gate.share(), gate)
    withdraw_consent(participant=gate.owner, scope="peers")

    assert places(gate, "peer", OPEN) == []


# -- What leaves ---------------------------------------------------------------


def leaving(gate: Gate, folder: Path) -> list[tuple[str, bytes]]:
    """Every file that any export or a release writes."""
    for name, export in FORMATS.items():
        export(gate.study, folder / name)
    plan_release(study=gate.study, by=None)
    work_off()
    release = Release.objects.latest("version")
    assert release.state == Release.State.PUBLISHED
    return [*in_files(folder), *in_files(release.folder)]


def holding(files: list[tuple[str, bytes]], word: str) -> list[str]:
    """The files in which the word stands."""
    return [name for name, content in files if held(content, [(word, word.encode())])]


def test_no_export_and_no_release_holds_it(gate: Gate, tmp_path: Path) -> None:
    machines_propose(gate, baseline_endpoint())

    files = leaving(gate, tmp_path)

    assert len(files) > 20
    assert holding(files, SECRET) == holding(files, OPEN) == []


def test_shared_words_leave_redacted(gate: Gate, tmp_path: Path) -> None:
    gate.share()
    machines_propose(gate, baseline_endpoint())

    files = leaving(gate, tmp_path)

    assert holding(files, SECRET) == []
    assert any("/conversations" in name for name in holding(files, OPEN))


def test_without_the_scope_no_words_leave(gate: Gate, tmp_path: Path) -> None:
    gate.share()
    machines_propose(gate, baseline_endpoint())
    withdraw_consent(participant=gate.owner, scope="publish_words")

    files = leaving(gate, tmp_path)
    # A bundle is the study itself, for another installation of those who run it.
    published = [(name, content) for name, content in files if "/bundle/" not in name]

    assert holding(published, OPEN) == []


def test_only_the_owners_file_holds_a_donation(gate: Gate) -> None:
    store = Path(settings.DONATIONS_DIR)
    files = [(name, content) for name, content in in_files(Path(settings.DATA_DIR))]

    found = [name for name in holding(files, SECRET) if ".sqlite3" not in name]

    assert found
    assert all(str(store) in name for name in found)
