"""The door of those who agreed: what is next, waiting for machines, and the end."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from studies.actions.ending import finish_study
from studies.actions.parts import finish_part
from studies.models import Participant, Study
from studies.parts import ORDER
from tests.samples import close_studies, make_conversation, make_participant, make_study
from tests.web.conftest import CONSENT, entered_as
from tests.web.pages import judge_once, text_of
from web.parts import SENTENCES, TITLES, address_of
from work.models import Job
from work.queue import enqueue

DOOR = "/s/alps/"


def test_every_part_has_words_and_an_address() -> None:
    assert set(TITLES) == set(SENTENCES) == set(ORDER)
    assert address_of("alps", "survey") == "/s/alps/survey/"
    assert address_of("alps", "relevance") == "/judge/alps/relevance/"


@pytest.mark.parametrize("name", ORDER)
def test_every_part_is_somewhere(name: str) -> None:
    assert address_of("alps", name).endswith("/")


def test_door_leads_to_the_next_part(rater: Client) -> None:
    page = text_of(rater.get(DOOR))

    assert 'role="button" href="/judge/alps/extraction/">Begin:' in page
    assert page.count("This is next") == 1


def test_door_goes_on_after_a_part(rater: Client) -> None:
    judge_once(rater, "extraction")

    assert 'role="button" href="/judge/alps/relevance/">Continue:' in text_of(rater.get(DOOR))


def test_all_done_is_stored_before_it_is_shown(rater: Client, peer: Participant) -> None:
    for stage in ("extraction", "relevance", "response"):
        judge_once(rater, stage)

    response = rater.get(DOOR)
    assert response["Location"] == "/s/alps/done/"
    peer.refresh_from_db()
    assert peer.outcome == "under_way"

    assert "All done. Thank you!" in text_of(rater.get("/s/alps/done/"))
    peer.refresh_from_db()
    assert peer.outcome == "done"


def test_finishing_twice_is_once(rater: Client, peer: Participant) -> None:
    for stage in ("extraction", "relevance", "response"):
        judge_once(rater, stage)
    finish_study(participant=peer)
    finish_study(participant=peer)

    assert Participant.objects.get(pk=peer.pk).outcome == "done"
    assert "Your thanks, and the code" in text_of(rater.get(DOOR))


def wait_for_machines(study: Study) -> Participant:
    """Its owner has judged what there was, and a machine is reading more."""
    document = {**study.document, "stages": {"extraction": {"overlap": {"owner": 1}}}}
    Study.objects.filter(pk=study.pk).update(document=document)
    owner = Participant.objects.select_related("study").get(ref="owner")
    enqueue(kind="extraction", key={"n": 1}, payload={}, scope=study.scope, subject=owner.pk)
    return owner


def test_machines_at_work_are_waited_for(client: Client, study: Study) -> None:
    entered_as(client, wait_for_machines(study))

    page = text_of(client.get(DOOR))

    assert "The assistant is reading what you shared…" in page
    assert 'hx-get="/s/alps/" hx-trigger="every 3s"' in page


def test_part_in_which_nothing_was_noted_says_so(client: Client, db: None) -> None:
    stages = {"extraction": {"overlap": {"owner": 1}}, "response": {"overlap": {"peer": 1}}}
    study = make_study("empty", stages, consent=CONSENT, attributes={})
    owner = make_participant(study, "owner")
    owner.consents.update(version=CONSENT["version"])
    make_conversation(owner, "Hello.")
    job = enqueue(kind="extraction", key={"n": 1}, payload={}, scope=study.scope, subject=owner.pk)
    long_ago = timezone.now() - timedelta(hours=1)
    Job.objects.filter(pk=job.pk).update(state="done", finished_at=long_ago)
    entered_as(client, owner)

    assert "You say whether short" in text_of(client.get("/s/empty/"))
    finish_part(participant=owner, name="attributes")
    finish_study(participant=owner)
    assert "Nothing was noted, so there is nothing to judge." in text_of(client.get("/s/empty/"))


def test_waiting_page_asks_for_its_middle_only(client: Client, study: Study) -> None:
    entered_as(client, wait_for_machines(study))

    page = text_of(client.get(DOOR, headers={"HX-Request": "true"}))

    assert page.strip().startswith('<div id="next"')
    assert "<html" not in page


def test_waiting_page_goes_to_the_end_by_itself(rater: Client) -> None:
    for stage in ("extraction", "relevance", "response"):
        judge_once(rater, stage)

    response = rater.get(DOOR, headers={"HX-Request": "true"})

    assert response["HX-Redirect"] == "/s/alps/done/"


@pytest.mark.parametrize("address", ["/s/alps/done/", "/s/nothing/done/"])
def test_done_page_of_a_stranger_does_not_exist(client: Client, study: Study, address: str) -> None:
    assert client.get(address).status_code == 404


def test_closed_study_thanks(rater: Client) -> None:
    close_studies()

    page = text_of(rater.get(DOOR))

    assert "This study is closed" in page
    assert "Begin:" not in page
