"""Reading before sharing: what is long, what was just done, what comes back. All invented."""

import pytest
from django.test import Client

from collection.models import Conversation
from collection.unshared.models import Redaction
from studies.models import Participant
from tests.collection.unshared import make_unshared
from tests.samples import make_participant, make_study
from tests.web.conftest import entered_as
from tests.web.pages import text_of
from tests.web.test_review import act, address, said_in, seen
from web.conversation_titles import title_of_conversation


@pytest.fixture
def owner(db: None) -> Participant:
    """Who reads."""
    return make_participant(make_study("alps", {}), "owner")


@pytest.fixture
def browser(client: Client, owner: Participant) -> Client:
    """Theirs."""
    return entered_as(client, owner)


def test_back_after_sharing_leads_to_what_was_shared(browser: Client, owner: Participant) -> None:
    talk, _another = make_unshared(owner, "Hi", "Hello"), make_unshared(owner, "Yes")
    page = text_of(browser.get(address(talk)))
    browser.post(address(talk), {"act": "share", "seen": seen(page)})

    for path in ("", "remove/"):
        for send in (browser.get, browser.post):
            response = send(address(talk) + path, follow=True)

            assert response.redirect_chain == [(f"/me/alps/conversations/{talk.pk}/", 302)]
            assert "You have shared this." in text_of(response)


def test_own_mark_is_undone_without_a_trace(browser: Client, owner: Participant) -> None:
    talk = make_unshared(owner, "My dog Rex")
    turn = talk.turns.get()
    assert "Undo" in act(browser, turn, "hide", words="Rex")

    page = act(browser, turn, "lift", start=7, end=10)

    assert said_in(page) == ["My dog Rex"]
    assert "stays as it is" not in page
    assert not Redaction.objects.exists()


def test_what_was_done_stands_in_its_turn_once(browser: Client, owner: Participant) -> None:
    talk = make_unshared(owner, "My dog Rex", "Hello")

    page = act(browser, talk.turns.get(position=0), "hide", words="Rex")

    assert page.count("Hidden in 1 place.") == 1
    assert page.index("review-turns") < page.index("Hidden in 1 place.")


def test_repetitions_are_counted_as_one_thing(browser: Client, owner: Participant) -> None:
    talk = make_unshared(owner, "I am Anna", "Anna", "a@example.org Anna")

    page = text_of(browser.get(address(talk)))

    assert "2 different things hidden, in 4 places" in page


def test_turn_with_very_many_finds_has_one_control_per_kind(
    browser: Client, owner: Participant
) -> None:
    talk = make_unshared(owner, " ".join(f"p{n}@example.org" for n in range(250)))
    page = text_of(browser.get(address(talk)))
    assert "150 more places are hidden in this turn." in page
    assert page.count('value="lift"') == 100
    start = talk.turns.get().content.index("p100@")

    act(browser, talk.turns.get(), "lift_kind", start=start, kind="email")
    assert Redaction.objects.filter(is_lifted=True).count() == 150
    act(browser, talk.turns.get(), "hide_kind", start=start, kind="email")
    assert Redaction.objects.filter(is_lifted=True).count() == 0


def test_page_has_so_many_signs_and_finds_at_most(browser: Client, owner: Participant) -> None:
    long = make_unshared(owner, *["word " * 12_000] * 4)
    dense = make_unshared(owner, *[f"p{n}@example.org " * 90 for n in range(4)])

    assert [len(said_in(text_of(browser.get(address(one))))) for one in (long, dense)] == [1, 2]


def test_live_conversation_is_called_by_its_topic(owner: Participant) -> None:
    labels = {"en": "Something you plan", "de": "Etwas, das du planst"}
    owner.study.document["converse"] = {"topics": [{"key": "plan", "label": labels}]}
    talk = make_unshared(owner, "Hi", title="", topic="plan", source="live")
    shared = Conversation(extra={"topic": "plan"})

    assert title_of_conversation(talk, owner) == "Something you plan"
    assert title_of_conversation(shared, owner) == "Something you plan"
    assert title_of_conversation(Conversation(), owner) == "A conversation"
    assert title_of_conversation(Conversation(title="Trains"), owner) == "Trains"


def test_conversation_without_a_title_has_a_name(browser: Client, owner: Participant) -> None:
    talk = make_unshared(owner, "Hi", title="")

    assert "A conversation</h2>" in text_of(browser.get("/s/alps/review/"))
    assert "A conversation</h1>" in text_of(browser.get(address(talk)))
