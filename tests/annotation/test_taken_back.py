"""An owner takes back "share with peers" while peers hold tasks about them: every door is shut."""

from typing import Any

import pytest
from django.test import Client

from annotation.actions.assignments import claim_next
from annotation.actions.judgments import Entry, revise_assignment, submit_assignment
from annotation.actions.raters import rater_for_participant
from annotation.actions.tasks import open_all_tasks
from annotation.errors import TakenBack
from annotation.models import Assignment, Judgment
from annotation.screens import screen_of
from studies.actions.consents import withdraw_consent
from studies.models import Participant, Study
from tests.api.conftest import Program, program  # noqa: F401
from tests.samples import ALL_SCOPES, PREFERENCE, make_pairs, make_participant, make_study
from tests.web.conftest import STAGES, entered_as, fill
from tests.web.pages import filled, text_of

OWN = {
    **PREFERENCE,
    "questions": [{**PREFERENCE["questions"][0], "wording": {"owner": {"en": "Which is better?"}}}],
}
STAGE_NAMES = ["extraction", "relevance", "response"]


@pytest.fixture
def study(db: None) -> Study:
    """One person's conversation, attribute, prompt and responses, opened at all stages."""
    study = make_study("alps", STAGES)
    fill(study, make_participant(study, "owner"))
    open_all_tasks(study=study)
    return study


@pytest.fixture
def owner(study: Study) -> Participant:
    """Whom the tasks are about."""
    return Participant.objects.get(ref="owner")


@pytest.fixture
def peer(study: Study) -> Participant:
    """Who judges them."""
    return make_participant(study, "peer", ALL_SCOPES)


def claim(peer: Participant, stage: str) -> Assignment:
    """A place of the peer's."""
    place = claim_next(
        study=peer.study, stage=stage, role="peer", rater=rater_for_participant(peer)
    )
    assert place
    return place


def take_back(owner: Participant) -> None:
    """The owner shares with peers no more."""
    withdraw_consent(participant=owner, scope="peers")


def entries(place: Assignment) -> list[Entry]:
    """Valid answers to a pair of responses."""
    return [Entry(item=shown.ref, answers={"preference": "1"}) for shown in screen_of(place).items]


@pytest.mark.parametrize("stage", STAGE_NAMES)
def test_page_of_a_held_task_shows_nothing_more(
    client: Client, owner: Participant, peer: Participant, stage: str
) -> None:
    entered_as(client, peer)
    assert "Bern" in text_of(client.get(f"/judge/alps/{stage}/"))

    take_back(owner)

    assert "Bern" not in text_of(client.get(f"/judge/alps/{stage}/"))


@pytest.mark.parametrize("action", ["submit", "skip"])
@pytest.mark.parametrize("stage", STAGE_NAMES)
def test_page_that_is_sent_afterwards_stores_no_judgment_and_shows_nothing(
    client: Client, owner: Participant, peer: Participant, stage: str, action: str
) -> None:
    entered_as(client, peer)
    page = text_of(client.get(f"/judge/alps/{stage}/"))
    take_back(owner)

    response = client.post(f"/judge/alps/{stage}/", filled(page, action=action))

    assert "Bern" not in text_of(response)
    assert Judgment.objects.count() == 0


def test_submitting_says_why_and_gives_the_place_free(
    client: Client, owner: Participant, peer: Participant
) -> None:
    entered_as(client, peer)
    page = text_of(client.get("/judge/alps/extraction/"))
    take_back(owner)

    response = client.post("/judge/alps/extraction/", filled(page))

    assert response.status_code == 409
    assert "does not share it any more" in text_of(response)
    assert not Assignment.objects.exclude(state="free", rater=None).exists()


def test_wrong_answers_do_not_bring_the_task_back(
    client: Client, owner: Participant, peer: Participant
) -> None:
    entered_as(client, peer)
    page = filled(text_of(client.get("/judge/alps/relevance/")))
    answers = [name for name in page if name.startswith("item")]
    take_back(owner)

    incomplete = {name: value for name, value in page.items() if name not in answers}
    response = client.post("/judge/alps/relevance/", incomplete)

    assert "Bern" not in text_of(response)


def test_action_refuses_and_frees_the_place(owner: Participant, peer: Participant) -> None:
    place = claim(peer, "response")
    take_back(owner)

    with pytest.raises(TakenBack):
        submit_assignment(
            assignment_id=place.pk, rater=place.rater, fence=place.fence, entries=entries(place)
        )

    place.refresh_from_db()
    assert (place.state, place.rater, Judgment.objects.count()) == ("free", None, 0)


def test_finished_task_is_not_answered_again(study: Study, owner: Participant) -> None:
    peer = make_participant(study, "peer")
    make_pairs(study, 1, owner)
    place = claim(peer, "response")
    Assignment.objects.filter(pk=place.pk).update(state="done", lease_until=None)
    take_back(owner)

    with pytest.raises(TakenBack):
        revise_assignment(
            assignment_id=place.pk, rater=rater_for_participant(peer), entries=entries(place)
        )


@pytest.mark.parametrize("stage", STAGE_NAMES)
def test_api_gives_no_task_and_takes_no_answer(
    study: Study,
    owner: Participant,
    program: Any,  # noqa: F811
    stage: str,
) -> None:
    caller: Program = program(study)
    asked = {"stage": stage, "rater": "w1"}
    task = caller.post("/studies/alps/tasks/next/", asked).json()
    take_back(owner)

    body = {"fence": task["fence"], "judgments": [], "next": True}
    answer = caller.post(f"/assignments/{task['assignment']}/submit/", body)

    assert (answer.status_code, answer.json()["error"]["code"]) == (409, "taken_back")
    assert caller.post("/studies/alps/tasks/next/", asked).status_code == 204
    assert Judgment.objects.count() == 0


def test_next_of_a_submission_skips_what_was_taken_back(
    study: Study,
    owner: Participant,
    program: Any,  # noqa: F811
) -> None:
    make_pairs(study, 1)
    make_pairs_of(study, owner)
    caller: Program = program(study)

    seen: list[str] = []
    take_back(owner)
    while (
        answer := caller.post(
            "/studies/alps/tasks/next/", {"stage": "response", "rater": f"w{len(seen)}"}
        )
    ).status_code == 200:
        seen.append(answer.json()["context"]["prompt"]["text"])

    assert set(seen) == {"Request 0"}


def make_pairs_of(study: Study, owner: Participant) -> None:
    """One more pair, the owner's own."""
    fill(study, owner, number=2)
    open_all_tasks(study=study)


def test_owner_still_judges_their_own(study: Study, owner: Participant) -> None:
    stages = {"response": {"overlap": {"owner": 1}, "rubric": OWN}}
    other = make_study("own", stages)
    person = make_participant(other, "owner")
    make_pairs(other, 1, person)
    place = claim_next(
        study=other, stage="response", role="owner", rater=rater_for_participant(person)
    )
    assert place
    take_back(person)

    done = submit_assignment(
        assignment_id=place.pk, rater=place.rater, fence=place.fence, entries=entries(place)
    )

    assert len(done) == 1
