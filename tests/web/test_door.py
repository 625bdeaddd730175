"""The participant's door, their hub, their queue and their own data."""

import pytest
from django.test import Client

from annotation.actions.tasks import open_all_tasks
from studies.models import Consent, Participant, Study
from tests.samples import ALL_SCOPES, close_studies, make_participant, make_study
from tests.web.conftest import CONSENT, STAGES, entered_as, fill
from tests.web.pages import judge_once, text_of


def test_home_offers_studies_that_ask_for_consent(client: Client, study: Study) -> None:
    make_study("imported", {})

    page = text_of(client.get("/"))

    assert 'href="/s/alps/"' in page
    assert "imported" not in page


def test_home_of_an_empty_site_says_so(client: Client, db: None) -> None:
    assert "No study is open to everybody" in text_of(client.get("/"))


def test_door_asks_before_anything_else(client: Client, study: Study) -> None:
    page = text_of(client.get("/s/alps/"))

    assert "We keep your answers." in page
    assert page.count("Required to take part") == 1


@pytest.mark.parametrize("slug", ["nothing", "imported"])
def test_door_that_is_not_there_is_404(client: Client, study: Study, slug: str) -> None:
    make_study("imported", {})

    assert client.get(f"/s/{slug}/").status_code == 404


def test_entering_stores_scope_version_and_time(client: Client, study: Study) -> None:
    response = client.post("/s/alps/", {"scopes": ["take_part", "publish_ratings"], "version": "2"})

    assert response.status_code == 302
    stored = Consent.objects.filter(participant__ref__regex="^.{8,}$", given_at__isnull=False)
    assert sorted(stored.values_list("scope", "version")) == [
        ("publish_ratings", "2"),
        ("take_part", "2"),
    ]


@pytest.mark.parametrize("scopes", [[], ["publish_ratings"], ["take_part", "models"], ["\x00"]])
def test_entering_without_the_required_scope_is_refused(
    client: Client, study: Study, scopes: list[str]
) -> None:
    response = client.post("/s/alps/", {"scopes": scopes, "version": "2"})

    assert response.status_code == 422
    assert Participant.objects.filter(study=study).count() == 1


def test_closed_study_lets_nobody_in(client: Client, study: Study) -> None:
    close_studies()

    assert "This study is closed" in text_of(client.get("/s/alps/"))
    assert client.post("/s/alps/", {"scopes": ["take_part"], "version": "2"}).status_code == 422


def test_session_brings_the_participant_back(client: Client, study: Study) -> None:
    client.post("/s/alps/", {"scopes": ["take_part"], "version": "2"})

    assert "You are in." in text_of(client.get("/s/alps/"))
    assert "You are in." not in text_of(Client().get("/s/alps/"))


def test_entering_changes_the_sessions_name(client: Client, study: Study) -> None:
    client.get("/s/alps/")
    entered_as(client, make_participant(study, "somebody"))
    before = client.session.session_key
    Participant.objects.get(ref="somebody").consents.all().delete()

    client.post("/s/alps/", {"scopes": ["take_part"], "version": "2"})

    assert client.session.session_key != before


def test_hub_counts_what_is_done_and_waits(rater: Client) -> None:
    judge_once(rater, "extraction")

    page = text_of(rater.get("/s/alps/"))

    assert page.count("✓ All done") == 1
    assert page.count("You say") + page.count("You compare") == 2


def test_queue_lists_stages_in_which_something_waits(rater: Client) -> None:
    judge_once(rater, "relevance")

    page = text_of(rater.get("/judge/"))

    assert 'href="/judge/alps/extraction/"' in page
    assert 'href="/judge/alps/relevance/"' not in page


def test_queue_of_a_stranger_leads_to_the_studies(client: Client, study: Study) -> None:
    page = text_of(client.get("/judge/"))

    assert "You do not take part in a study yet." in page


def test_my_data_shows_consents_and_answers(rater: Client) -> None:
    judge_once(rater, "relevance")

    assert "You gave 1 answer," in text_of(rater.get("/me/"))
    assert text_of(rater.get("/me/alps/")).count("Take back<") == len(ALL_SCOPES)


def test_my_data_of_a_stranger_is_empty(client: Client, study: Study) -> None:
    assert "You have not entered a study" in text_of(client.get("/me/"))


def test_scope_is_taken_back(rater: Client, peer: Participant) -> None:
    response = rater.post("/me/alps/withdraw/", {"scope": "publish_ratings"})

    assert response.status_code == 302
    withdrawn = peer.consents.filter(withdrawn_at__isnull=False)
    assert list(withdrawn.values_list("scope", flat=True)) == ["publish_ratings"]


def test_scope_of_somebody_else_cannot_be_taken_back(client: Client, peer: Participant) -> None:
    response = client.post("/me/alps/withdraw/", {"scope": "publish_ratings"})

    assert response.status_code == 404
    assert not peer.consents.filter(withdrawn_at__isnull=False).exists()


@pytest.mark.parametrize("scope", ["", "no such scope", "\x00"])
def test_unknown_scope_changes_nothing(rater: Client, peer: Participant, scope: str) -> None:
    rater.post("/me/alps/withdraw/", {"scope": scope})

    assert not peer.consents.filter(withdrawn_at__isnull=False).exists()


def take_part_in(client: Client, slugs: list[str]) -> None:
    """Let the browser have entered studies of these names."""
    for slug in slugs:
        study = make_study(slug, STAGES, consent=CONSENT)
        fill(study, make_participant(study, "owner"))
        open_all_tasks(study=study)
        person = make_participant(study, "peer")
        entered_as(client, person)
        client.get(f"/s/{slug}/")


@pytest.mark.parametrize("address", ["/", "/s/alps/", "/judge/", "/me/", "/judge/alps/relevance/"])
@pytest.mark.parametrize(
    ("language", "title"), [("ko", "알프스"), ("es-MX", "Los Alpes"), ("ja", "The Alps")]
)
def test_title_is_in_the_readers_language(
    rater: Client, study: Study, address: str, language: str, title: str
) -> None:
    titles = {"en": "The Alps", "ko": "알프스", "es": "Los Alpes"}
    document = {**study.document, "languages": list(titles), "title": titles}
    Study.objects.update(document=document)
    rater.get("/s/alps/")

    page = text_of(rater.get(address, headers={"Accept-Language": language}))

    assert title in page


@pytest.mark.parametrize("address", ["/", "/judge/", "/me/"])
def test_lists_cost_the_same_for_1_and_3_studies(client: Client, db: None, address: str) -> None:
    take_part_in(client, ["one"])
    one = queries_of(client, address)
    take_part_in(client, ["two", "three"])

    assert queries_of(client, address) == one


def queries_of(client: Client, address: str) -> int:
    """How many queries a page costs."""
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    with CaptureQueriesContext(connection) as queries:
        client.get(address)
    return len(queries)
