"""Pressing “Agree and begin” more than once is one yes of one person."""

import re
import threading
from typing import Any

import pytest
from django.conf import settings
from django.db import connection
from django.test import Client

from studies.actions.invitations import create_invitation
from studies.models import Consent, Participant, Study, User
from studies.recruitment.models import Entry, Invitation
from tests.studies.recruitment import prolific, study_with

PRESSES = 5


def answer_to(client: Client) -> dict[str, Any]:
    """What the button sends from the page as it is shown now."""
    page = client.get("/s/alps/").content.decode()
    found = re.search(r'name="key" value="([^"]+)"', page)
    assert found
    return {"scopes": ["take_part"], "version": "2", "key": found[1]}


def pressed_at_once(client: Client, sent: dict[str, Any]) -> list[int]:
    """The same browser sends the same form several times before any answer is there."""
    cookie = client.cookies[settings.SESSION_COOKIE_NAME].value
    barrier, statuses = threading.Barrier(PRESSES), []

    def press() -> None:
        again = Client()
        again.cookies[settings.SESSION_COOKIE_NAME] = cookie
        barrier.wait()
        statuses.append(again.post("/s/alps/", sent).status_code)
        connection.close()

    threads = [threading.Thread(target=press) for _ in range(PRESSES)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return statuses


def invited(client: Client, study: Study) -> None:
    """The browser came by an invitation for four."""
    by = User.objects.create_superuser("grace")
    _row, secret = create_invitation(study=study, by=by, limit=4)
    client.get(f"/s/alps/i/{secret}/")


@pytest.mark.django_db(transaction=True)
def test_presses_at_once_are_one_participant(client: Client) -> None:
    study_with()

    statuses = pressed_at_once(client, answer_to(client))

    assert statuses == [302] * PRESSES
    assert (Participant.objects.count(), Consent.objects.count()) == (1, 1)


@pytest.mark.django_db(transaction=True)
def test_presses_at_once_use_an_invitation_once(client: Client) -> None:
    invited(client, study_with(prolific(), open=False))

    pressed_at_once(client, answer_to(client))

    assert (Participant.objects.count(), Invitation.objects.get().uses) == (1, 1)


@pytest.mark.django_db
def test_press_after_the_session_was_renamed_is_the_same_person(client: Client) -> None:
    study_with()
    sent, late = answer_to(client), Client()
    late.cookies[settings.SESSION_COOKIE_NAME] = client.cookies[settings.SESSION_COOKIE_NAME].value
    client.post("/s/alps/", sent)

    assert late.post("/s/alps/", sent).status_code == 302

    assert late.session["participants"] == client.session["participants"]
    assert Participant.objects.count() == 1


@pytest.mark.django_db
def test_another_browser_with_its_own_form_is_another_person(client: Client) -> None:
    study_with()
    for browser in (client, Client()):
        browser.post("/s/alps/", answer_to(browser))

    assert Participant.objects.count() == 2


@pytest.mark.django_db
def test_entry_keeps_no_key_and_goes_with_the_person(client: Client) -> None:
    study_with()
    sent = answer_to(client)
    client.post("/s/alps/", sent)

    assert sent["key"] not in str(list(Entry.objects.values()))
    Participant.objects.get().delete()
    assert Entry.objects.count() == 0
