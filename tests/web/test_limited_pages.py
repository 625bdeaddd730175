"""Which pages may be asked for only so often, with room for a class behind one address."""

from types import SimpleNamespace
from typing import Any
from uuid import UUID

import pytest
from django.contrib.sessions.models import Session
from django.core.cache import caches
from django.test import Client

from studies.recruitment.models import Entry
from tests.studies.recruitment import ids, prolific, study_with

pytestmark = pytest.mark.django_db
ID = UUID(int=1)


@pytest.fixture(autouse=True)
def counting(settings: Any, monkeypatch: pytest.MonkeyPatch, db: None) -> None:
    """Count, within one minute however long the test takes."""
    monkeypatch.setattr("web.limits.time", SimpleNamespace(time=lambda: 1_800_000_000))
    # A busy Redis is given up after an instant, and counting begins anew in its stand-in.
    monkeypatch.setattr("web.limits.cache", caches["database"])
    settings.RATE_LIMITS = True
    caches["database"].clear()


def statuses(times: int, ask: Any) -> list[int]:
    return [ask().status_code for _ in range(times)]


def test_ids_of_a_panel_cannot_be_tried_without_end() -> None:
    study_with(prolific())
    numbers = iter(range(200))

    def guess() -> Any:
        return Client().get("/s/alps/", ids(f"{next(numbers):024x}"))

    found = statuses(121, guess)

    assert found == [302] * 120 + [429]


def test_browsers_without_cookies_do_not_fill_the_tables() -> None:
    study_with()

    found = statuses(122, lambda: Client().get("/s/alps/"))

    assert found == [200] * 120 + [429] * 2
    assert (Session.objects.count(), Entry.objects.count()) == (120, 120)


def test_a_browser_with_a_session_reads_freely(client: Client) -> None:
    study_with()

    assert set(statuses(130, lambda: client.get("/s/alps/"))) == {200}


@pytest.mark.parametrize(
    ("path", "most"),
    [
        ("/s/alps/survey/", 60),
        ("/s/alps/comprehension/", 60),
        ("/s/alps/attributes/", 60),
        ("/s/alps/prompts/", 60),
        (f"/s/alps/review/{ID}/", 60),
        (f"/s/alps/review/{ID}/remove/", 60),
        ("/me/alps/erase/", 60),
        ("/me/alps/withdraw/", 60),
        ("/me/alps/leave/", 60),
        (f"/me/alps/attributes/{ID}/correct/", 60),
        ("/s/alps/back/", 20),
    ],
)
def test_writing_has_a_limit(client: Client, path: str, most: int) -> None:
    study_with()

    found = statuses(most + 1, lambda: client.post(path))

    assert (429 in found[:-1], found[-1]) == (False, 429)
