"""What is gone of those who said no, or never answered."""

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.sessions.models import Session
from django.core.cache import caches
from django.db import connection
from django.test import Client
from django.utils import timezone

from config.wiring import forget_old_sessions
from studies.recruitment.sealing import Unreadable, unseal
from tests.studies.recruitment import ids, prolific, study_with
from tests.web.pages import text_of

pytestmark = pytest.mark.django_db
YES = {"scopes": ["take_part"], "version": "2"}


def sealed_in_sessions() -> list[dict[str, Any]]:
    """Everything in any session that can be opened with our keys."""
    found = []
    for row in Session.objects.all():
        for value in row.get_decoded().values():
            found += _opened(value)
    return found


def _opened(value: Any) -> list[dict[str, Any]]:
    if isinstance(value, dict):
        return [opened for inner in value.values() for opened in _opened(inner)]
    try:
        return [unseal(value)]
    except (Unreadable, AttributeError, TypeError):
        return []


def lifetimes() -> list[timedelta]:
    """How long each session still lasts."""
    return [row.expire_date - timezone.now() for row in Session.objects.all()]


def test_no_leaves_nobody_in_any_session(client: Client) -> None:
    study_with(prolific())
    client.get("/s/alps/", ids(), follow=True)
    assert len(sealed_in_sessions()) == 1

    client.post("/s/alps/no/")

    assert sealed_in_sessions() == []


def test_who_was_sent_by_a_panel_comes_again_by_its_link(client: Client) -> None:
    study_with(prolific(), open=False)
    client.get("/s/alps/", ids(), follow=True)

    page = text_of(client.post("/s/alps/no/"))

    assert "by the link that brought you" in page
    assert client.get("/s/alps/").status_code == 403
    assert "Agree and begin" in text_of(client.get("/s/alps/", ids(), follow=True))


def test_session_ends_with_the_link_until_somebody_agrees(client: Client) -> None:
    study_with(prolific())
    client.get("/s/alps/", ids(), follow=True)
    assert max(lifetimes()) <= timedelta(hours=4)

    client.post("/s/alps/", YES)

    assert max(lifetimes()) > timedelta(days=13)


def test_session_without_a_link_ends_soon_too(client: Client) -> None:
    study_with()
    client.get("/s/alps/")

    assert max(lifetimes()) <= timedelta(hours=4)


def test_ended_sessions_and_counts_are_deleted(client: Client) -> None:
    study_with(prolific())
    client.get("/s/alps/", ids(), follow=True)
    caches["database"].set("old", 1, timeout=60)
    forget_old_sessions(timezone.now())
    assert (Session.objects.count(), _cached()) == (1, 1)

    Session.objects.update(expire_date=timezone.now() - timedelta(seconds=1))
    forget_old_sessions(timezone.now() + timedelta(minutes=2))

    assert (Session.objects.count(), _cached()) == (0, 0)


def _cached() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM cache")
        return int(cursor.fetchone()[0])
