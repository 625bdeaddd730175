"""The language of the pages is chosen at their foot, and kept where a study speaks it."""

import pytest
from django.test import Client

from studies.models import Participant
from tests.samples import make_participant, make_study
from tests.web.conftest import CONSENT, entered_as
from tests.web.pages import text_of


@pytest.fixture
def person(db: None) -> Participant:
    """Somebody in a study that is held in Korean and Chinese too."""
    study = make_study("alps", {}, consent=CONSENT, languages=["en", "ko", "zh"])
    return make_participant(study, "person")


@pytest.mark.parametrize(
    ("chosen", "kept"), [("ko", "ko"), ("zh-hans", "zh"), ("ja", ""), ("xx", ""), ("", "")]
)
def test_choice_is_kept_where_the_study_speaks_it(
    client: Client, person: Participant, chosen: str, kept: str
) -> None:
    browser = entered_as(client, person)

    response = browser.post("/language/", {"language": chosen, "next": "/me/"})

    assert response.headers["Location"] == "/me/"
    assert Participant.objects.get(pk=person.pk).language == kept


def test_choice_holds_on_the_next_pages(client: Client, person: Participant) -> None:
    client.post("/language/", {"language": "ko"})

    page = text_of(client.get("/"))

    assert '<html lang="ko" dir="ltr">' in page
    assert 'value="ko" lang="ko" class="quiet" aria-current="true">한국어' in page


def test_choice_leads_to_no_other_site(client: Client, db: None) -> None:
    response = client.post("/language/", {"language": "ko", "next": "https://example.org/"})

    assert response.headers["Location"] == "/"


def test_choice_is_made_by_sending_only(client: Client, db: None) -> None:
    assert client.get("/language/").status_code == 405


def test_every_language_is_called_by_its_own_name(client: Client, db: None) -> None:
    page = text_of(client.get("/"))

    for name in ("English", "한국어", "日本語", "简体中文", "Español"):
        assert f">{name}</button>" in page
