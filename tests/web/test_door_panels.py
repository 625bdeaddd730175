"""Coming to a study by a panel's link: what is kept, and who one is afterwards."""

import threading
from typing import Any

import pytest
from django.contrib.sessions.models import Session
from django.db import connection
from django.test import Client

from studies.actions.entering import enter_study
from studies.models import Participant, User
from studies.recruitment.models import Entry, PanelIdentity
from studies.recruitment.panel import Arrival
from studies.recruitment.sealing import unseal
from studies.recruitment.ways import Way
from tests.samples import close_studies
from tests.studies.recruitment import (
    CONSENT,
    OTHER,
    PERSON,
    generic,
    ids,
    prolific,
    signed_prolific,
    study_with,
    token,
)
from tests.web.pages import text_of

pytestmark = pytest.mark.django_db
YES = {"scopes": ["take_part"], "version": "2"}


def come(client: Client, person: str = PERSON, slug: str = "alps") -> Any:
    """Open the panel's link and read on at the clean address."""
    return client.get(f"/s/{slug}/", ids(person), follow=True)


def agree(client: Client, person: str = PERSON, slug: str = "alps") -> Participant:
    """Come by the link and say yes."""
    come(client, person, slug)
    client.post(f"/s/{slug}/", YES)
    return entered(client)


def entered(client: Client) -> Participant:
    """As whom the browser entered last."""
    return Participant.objects.get(pk=client.session["participants"][-1])


def test_link_leads_to_an_address_without_ids(client: Client) -> None:
    study_with(prolific())

    response = client.get("/s/alps/", ids())

    assert (response.status_code, response["Location"]) == (302, "/s/alps/")


def test_session_holds_no_readable_id(client: Client) -> None:
    study_with(prolific())
    come(client)

    assert PERSON not in str(client.session.items())
    assert PERSON not in str([row.get_decoded() for row in Session.objects.all()])


def test_yes_keeps_the_id_sealed_and_apart(client: Client) -> None:
    study_with(prolific())

    participant = agree(client)

    identity = PanelIdentity.objects.get(participant=participant)
    assert PERSON not in str(list(Participant.objects.values())) + identity.digest
    assert PERSON.encode() not in bytes(identity.sealed)
    assert unseal(identity.sealed)["person"] == PERSON
    assert "arrivals" not in client.session or client.session["arrivals"] == {}


def test_same_id_is_the_same_participant_in_another_browser(client: Client) -> None:
    study_with(prolific())
    first = agree(client)
    elsewhere = Client()

    page = text_of(come(elsewhere))

    assert "Nothing waits for you" in page
    assert entered(elsewhere) == first


def test_same_id_in_another_study_is_another_participant(client: Client) -> None:
    study_with(prolific())
    study_with(prolific(), slug="lakes")

    people = {agree(client).pk, agree(client, slug="lakes").pk}

    digests = set(PanelIdentity.objects.values_list("digest", flat=True))
    assert (len(people), len(digests)) == (2, 2)


def test_new_text_is_answered_long_after_the_link(client: Client, monkeypatch: Any) -> None:
    study = study_with(prolific())
    agree(client)
    come(client)
    monkeypatch.setattr("web.arrivals.LIFETIME", -1)
    study_with(prolific(), consent={**CONSENT, "version": "3"})

    assert "has changed since" in text_of(client.get("/s/alps/"))
    client.post("/s/alps/", {**YES, "version": "3"})

    assert PanelIdentity.objects.get().participant.consents.count() == 2
    assert study.participants.count() == 1


def test_another_id_takes_the_browser_over(client: Client) -> None:
    study_with(prolific())
    first = agree(client)

    assert "Agree and begin" in text_of(come(client, OTHER))
    second = agree(client, OTHER)

    assert second != first
    assert client.session["participants"] == [str(second.pk)]
    come(client, PERSON)
    assert entered(client) == first


def test_signed_in_participant_is_asked_to_sign_out(client: Client) -> None:
    study = study_with(prolific())
    user = User.objects.create_user("ada")
    enter_study(study=study, scopes=["take_part"], user=user)
    client.force_login(user)

    assert client.get("/s/alps/", ids()).status_code == 409


@pytest.mark.parametrize(
    ("more", "status"),
    [
        ({"PROLIFIC_PID": "a b"}, 422),
        ({"prolific_token": "a.b.c"}, 403),
        ({"PROLIFIC_PID": OTHER}, 403),
        ({"STUDY_ID": "other"}, 403),
    ],
)
def test_forged_link_stores_nothing(client: Client, more: dict[str, str], status: int) -> None:
    study_with(signed_prolific())

    response = client.get("/s/alps/", {**ids(prolific_token=token()), **more})

    assert response.status_code == status
    assert "link" in text_of(response)
    counts = [model.objects.count() for model in (Entry, Participant, Session)]
    assert counts == [0, 0, 0]


def test_log_holds_no_id(client: Client, caplog: pytest.LogCaptureFixture) -> None:
    study_with(signed_prolific())
    caplog.set_level("DEBUG")

    client.get("/s/alps/", ids())
    client.get("/s/alps/", ids(prolific_token=token()), follow=True)
    client.get("/s/nothing/", ids())

    ours = [record.getMessage() for record in caplog.records if record.name != "django.db.backends"]
    assert PERSON not in " ".join(ours)


def test_signed_link_lets_in(client: Client) -> None:
    study_with(signed_prolific())

    page = client.get("/s/alps/", ids(prolific_token=token()), follow=True)

    assert "Agree and begin" in text_of(page)


def test_closed_study_lets_nobody_in_by_a_panel(client: Client) -> None:
    study_with(prolific())
    close_studies()

    assert "This study is closed" in text_of(come(client))


def test_panel_opens_a_study_that_is_not_open_to_all(client: Client) -> None:
    study_with(prolific(), generic(), open=False)

    assert client.get("/s/alps/").status_code == 403
    assert client.post("/s/alps/", YES).status_code == 403
    assert "Agree and begin" in text_of(client.get("/s/alps/", {"who": "a1"}, follow=True))


def test_link_that_is_hours_old_is_opened_again(client: Client, monkeypatch: Any) -> None:
    study_with(prolific())
    come(client)
    monkeypatch.setattr("web.arrivals.LIFETIME", -1)

    response = client.post("/s/alps/", YES)

    assert (response.status_code, Participant.objects.count()) == (410, 0)


def test_no_leads_back_with_its_code(client: Client) -> None:
    study_with(prolific())
    come(client)

    page = text_of(client.post("/s/alps/no/"))

    assert 'href="https://app.prolific.com/submissions/complete?cc=CNO"' in page
    assert list(Entry.objects.values_list("outcome", flat=True)) == ["declined"]
    assert Participant.objects.count() == 0


@pytest.mark.parametrize(
    ("outcome", "code"), [("done", "CDONE"), ("screened_out", "CSCREEN"), ("attention", "CATT")]
)
def test_done_page_shows_link_and_code(client: Client, outcome: str, code: str) -> None:
    study_with(prolific())
    agree(client)
    Participant.objects.update(outcome=outcome)

    page = text_of(client.get("/s/alps/done/"))

    assert f'href="https://app.prolific.com/submissions/complete?cc={code}"' in page
    assert f">{code}</code>" in page


def test_outcome_without_a_code_says_so(client: Client) -> None:
    study_with(prolific(codes={"done": "C1"}))
    agree(client)
    Participant.objects.update(outcome="attention")

    assert "There is no code for this" in text_of(client.get("/s/alps/done/"))


def test_done_page_before_it_is_done_leads_to_the_door(client: Client) -> None:
    study_with(prolific())
    agree(client)

    response = client.get("/s/alps/done/")

    assert (response.status_code, response["Location"]) == (302, "/s/alps/")
    assert Participant.objects.get().outcome == "under_way"


def test_screened_out_person_is_led_to_the_last_page(client: Client) -> None:
    study_with(prolific())
    agree(client)
    Participant.objects.update(outcome="screened_out")

    assert client.get("/s/alps/")["Location"] == "/s/alps/done/"


@pytest.mark.django_db(transaction=True)
def test_same_person_twice_at_once_is_one_participant() -> None:
    study = study_with(prolific())
    way = Way(visitor="v", arrival=Arrival("prolific", PERSON))
    people, barrier = [], threading.Barrier(6)

    def enter() -> None:
        barrier.wait()
        people.append(enter_study(study=study, scopes=["take_part"], way=way).pk)
        connection.close()

    threads = [threading.Thread(target=enter) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(people) == 6
    assert (len(set(people)), Participant.objects.count()) == (1, 1)
