"""What is kept before somebody agrees, what a yes and a no store, and asking again."""

from datetime import timedelta
from typing import Any

import pytest
from django.apps import apps
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver
from django.utils import timezone

from studies.actions.consents import give_consent
from studies.actions.entering import enter_study
from studies.actions.studies import load_study
from studies.actions.visits import forget_entries, note_visit
from studies.models import Participant, Study
from studies.recruitment.models import Entry, EntryCount
from studies.recruitment.people import funnel
from tests.studies.recruitment import CONSENT, study_with
from tests.web.conftest import entered_as
from tests.web.pages import text_of

pytestmark = pytest.mark.django_db
YES = {"scopes": ["take_part"], "version": "2"}
OWN = {
    "slug": "alps",
    "study_slug": "alps",
    "stage": "extraction",
    "token": "x",
    "key": "x",
    "name": "x",
}
"""What addresses of a participant's pages are made of, beside ids."""


@pytest.fixture
def alps(db: None) -> Study:
    return study_with()


def change_text(study: Study, **more: Any) -> Study:
    """The study with a new version of its consent text."""
    consent = {**CONSENT, "version": "3", "text": {"en": "We keep more."}, **more}
    return load_study(document={**study.document, "consent": consent}, by=None)


def test_text_and_its_language_are_the_readers(client: Client, alps: Study) -> None:
    page = text_of(client.get("/s/alps/", headers={"Accept-Language": "ko"}))

    assert 'lang="ko">답을 보관합니다.' in page


def test_reading_keeps_an_entry_and_nothing_else(client: Client, alps: Study) -> None:
    client.get("/s/alps/")
    client.get("/s/alps/")

    entry = Entry.objects.get()
    assert (entry.outcome, len(entry.visitor)) == ("opened", 64)
    assert str(client.session.session_key) not in entry.visitor
    assert Participant.objects.count() == 0


def test_yes_and_no_are_outcomes_of_the_entry(client: Client, alps: Study) -> None:
    client.get("/s/alps/")
    client.post("/s/alps/no/")
    assert list(Entry.objects.values_list("outcome", flat=True)) == ["declined"]

    client.post("/s/alps/", YES)

    assert list(Entry.objects.values_list("outcome", flat=True)) == ["consented"]


def test_no_page_promises_what_is_kept(client: Client, alps: Study) -> None:
    page = text_of(client.post("/s/alps/no/"))

    assert "forget even that after 24 hours" in page
    assert "prolific" not in page


def test_entries_are_forgotten_after_a_day_and_counted(alps: Study) -> None:
    for visitor in ("a", "b", "c"):
        note_visit(study=alps, visitor=visitor)
    Entry.objects.filter(visitor="c").update(outcome="declined")
    now = timezone.now()

    assert forget_entries(at=now + timedelta(hours=23)) == 0
    assert forget_entries(at=now + timedelta(hours=25)) == 3
    assert forget_entries(at=now + timedelta(hours=25)) == 0

    assert Entry.objects.count() == 0
    counts = dict(EntryCount.objects.values_list("outcome", "number"))
    assert counts == {"opened": 2, "declined": 1}
    assert (funnel(alps)["opened"], funnel(alps)["declined"]) == (3, 1)


def test_old_version_is_shown_again_and_stores_nothing(client: Client, alps: Study) -> None:
    change_text(alps)

    response = client.post("/s/alps/", YES)

    assert response.status_code == 422
    assert "has changed meanwhile" in text_of(response)
    assert "We keep more." in text_of(response)
    assert Participant.objects.count() == 0


def test_answer_to_no_version_stores_nothing(client: Client, alps: Study) -> None:
    response = client.post("/s/alps/", {"scopes": ["take_part"]})

    assert response.status_code == 422
    assert Participant.objects.count() == 0


def test_changed_text_asks_again_and_assumes_nothing(client: Client, alps: Study) -> None:
    entered_as(client, enter_study(study=alps, scopes=["take_part", "peers"]))
    change_text(alps)

    page = text_of(client.get("/s/alps/"))

    assert "has changed since you were here" in page
    assert (page.count("You allowed this before"), page.count(" checked")) == (2, 0)
    assert Entry.objects.count() == 0


def test_until_then_judging_waits(client: Client, alps: Study) -> None:
    entered_as(client, enter_study(study=alps, scopes=["take_part"]))
    change_text(alps)

    assert client.get("/judge/alps/extraction/")["Location"] == "/s/alps/"
    assert client.post("/judge/alps/extraction/").status_code == 409


def test_answer_to_the_new_text_ends_what_it_does_not_repeat(client: Client, alps: Study) -> None:
    person = enter_study(study=alps, scopes=["take_part", "peers"])
    entered_as(client, person)
    change_text(alps)

    client.post("/s/alps/", {"scopes": ["take_part", "publish_ratings"], "version": "3"})

    rows = person.consents.order_by("version", "scope")
    assert [(row.version, row.scope, row.withdrawn_at is None) for row in rows] == [
        ("2", "peers", False),
        ("2", "take_part", True),
        ("3", "publish_ratings", True),
        ("3", "take_part", True),
    ]
    assert Participant.objects.count() == 1


def test_same_answer_twice_is_one(alps: Study) -> None:
    person = enter_study(study=alps, scopes=["take_part"])
    give_consent(participant=person, scopes=["take_part"], version="2")

    assert person.consents.count() == 1


def test_who_left_is_told_so(client: Client, alps: Study) -> None:
    person = enter_study(study=alps, scopes=["take_part"])
    Participant.objects.filter(pk=person.pk).update(left_at=timezone.now())
    entered_as(client, person)

    assert "You have left this study" in text_of(client.get("/s/alps/"))
    assert "You have left this study" in text_of(client.post("/s/alps/", YES))


def own_addresses() -> list[str]:
    """Every address of a participant's pages, with a made-up id wherever one belongs."""
    found = []
    for prefix, pattern in _patterns(get_resolver(), ""):
        address = f"{prefix}{pattern.pattern}"
        if address.startswith(("s/", "judge/", "me/")):
            found.append("/" + _filled(address))
    return found


def _patterns(resolver: URLResolver, prefix: str) -> list[tuple[str, URLPattern]]:
    found: list[tuple[str, URLPattern]] = []
    for entry in resolver.url_patterns:
        if isinstance(entry, URLResolver):
            found += _patterns(entry, f"{prefix}{entry.pattern}")
        else:
            found.append((prefix, entry))
    return found


def _filled(address: str) -> str:
    """The address with every `<kind:name>` filled in."""
    kinds = {"uuid": "11111111-2222-4333-8444-555555555555", "int": "1"}
    while "<" in address:
        start, end = address.index("<"), address.index(">")
        kind, _, name = address[start + 1 : end].rpartition(":")
        address = address[:start] + kinds.get(kind, OWN.get(name, "x")) + address[end + 1 :]
    return address


def row_counts() -> dict[str, int]:
    """How many rows each table holds, but for what a visit may leave."""
    kept = {"studies.Entry", "sessions.Session"}
    return {
        model._meta.label: model._default_manager.count()
        for model in apps.get_models()
        if model._meta.managed and model._meta.label not in kept
    }


def test_before_consent_nothing_is_written() -> None:
    study_with()
    before = row_counts()
    payload = {"scopes": ["models"], "version": "2", "text": "mine", "act": "share", "answer": "1"}

    for address in own_addresses():
        client = Client(raise_request_exception=False)
        for method in ("get", "post", "put", "patch", "delete"):
            response = getattr(client, method)(address, payload)
            assert response.status_code < 500, address

    assert row_counts() == before


def test_writing_addresses_are_found() -> None:
    found = own_addresses()

    assert {"/s/alps/", "/s/alps/survey/", "/judge/alps/extraction/", "/me/"} <= set(found)
