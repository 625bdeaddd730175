"""Reading a conversation before it is shared, by its page."""

import re

import pytest
from django.test import Client

from collection.models import Conversation
from collection.unshared.models import Redaction, UnsharedConversation, UnsharedTurn
from studies.models import Participant, User
from tests.collection.unshared import add_reply, make_unshared
from tests.factories import withdraw
from tests.samples import make_participant, make_study
from tests.web.conftest import entered_as
from tests.web.pages import text_of

SAID = ("My name is Anna Keller, write to anna@example.org", "Hello Anna!", "Thanks <b>you</b>")


@pytest.fixture
def owner(db: None) -> Participant:
    """Somebody with one conversation to read."""
    return make_participant(make_study("alps", {}), "owner")


@pytest.fixture
def talk(owner: Participant) -> UnsharedConversation:
    """Theirs."""
    return make_unshared(owner, *SAID)


@pytest.fixture
def browser(client: Client, owner: Participant) -> Client:
    """Theirs, too."""
    return entered_as(client, owner)


def address(talk: UnsharedConversation) -> str:
    """Of its page."""
    return f"/s/alps/review/{talk.pk}/"


def act(browser: Client, turn: UnsharedTurn, what: str, **more: object) -> str:
    """Post an act, follow it; the page."""
    fields = {"act": what, "turn": str(turn.pk), "page": "1", **more}
    return text_of(browser.post(address(turn.conversation), fields, follow=True))


def said_in(page: str) -> list[str]:
    """The turns' texts as they would be shared."""
    found = re.findall(r'<p class="said"[^>]*>(.*?)</p>', page, re.DOTALL)
    return [re.sub(r"<[^>]+>", "", text) for text in found]


def seen(page: str) -> str:
    """The digest that the page's button sends."""
    found = re.search(r'name="seen" value="(\w+)"', page)
    assert found
    return found[1]


def test_list_says_what_waits(browser: Client, talk: UnsharedConversation) -> None:
    page = text_of(browser.get("/s/alps/review/"))

    assert "Not shared yet" in page
    assert "Trains" in page
    assert "not opened yet" in page


def test_opening_proposes_and_shows_each_turn_as_shared(
    browser: Client, talk: UnsharedConversation
) -> None:
    page = text_of(browser.get(address(talk)))

    assert said_in(page) == [
        "My name is [NAME_1], write to [EMAIL_1]",
        "Hello [NAME_1]!",
        "Thanks &lt;b&gt;you&lt;/b&gt;",
    ]
    assert "Not shared yet" in page
    assert "Share these 3 turns" in page


def test_opening_twice_proposes_once(browser: Client, talk: UnsharedConversation) -> None:
    browser.get(address(talk))
    count = Redaction.objects.count()

    browser.get(address(talk))

    assert Redaction.objects.count() == count == 3


def test_proposal_is_lifted_and_put_back(browser: Client, talk: UnsharedConversation) -> None:
    browser.get(address(talk))
    turn = talk.turns.get(position=1)

    page = act(browser, turn, "lift", start=6, end=10)
    assert said_in(page)[1] == "Hello Anna!"
    page = act(browser, turn, "hide_again", start=6, end=10)
    assert said_in(page)[1] == "Hello [NAME_1]!"


def test_same_words_are_left_everywhere(browser: Client, owner: Participant) -> None:
    talk = make_unshared(owner, "I am Anna", "Hello Anna", "Anna it is")
    assert "Leave it everywhere" in text_of(browser.get(address(talk)))

    page = act(browser, talk.turns.get(position=1), "lift_everywhere", start=6, end=10)

    assert said_in(page) == ["I am Anna", "Hello Anna", "Anna it is"]


def test_own_words_replace_the_placeholder_everywhere(
    browser: Client, talk: UnsharedConversation
) -> None:
    browser.get(address(talk))
    turn = talk.turns.get(position=1)

    page = act(browser, turn, "replace", start=6, end=10, replacement="Maria")

    assert said_in(page)[1] == "Hello Maria!"


def test_selected_words_are_hidden_where_they_stand(
    browser: Client, talk: UnsharedConversation
) -> None:
    browser.get(address(talk))

    page = act(browser, talk.turns.get(position=2), "hide", start=7, words="<b>you</b>")

    assert said_in(page)[2] == "Thanks [HIDDEN_1]"


def test_words_are_hidden_in_every_turn(browser: Client, talk: UnsharedConversation) -> None:
    browser.get(address(talk))

    page = act(browser, talk.turns.get(position=2), "hide", words="e", everywhere="on")

    assert said_in(page)[1] == "H[HIDDEN_1]llo [NAME_1]!"


@pytest.mark.parametrize(
    ("what", "more"),
    [
        ("hide", {"words": "nowhere"}),
        ("hide", {"words": " "}),
        ("nothing", {}),
        ("replace", {"start": 0, "end": 3, "replacement": "x" * 201}),
    ],
)
def test_refused_act_says_why_and_changes_nothing(
    browser: Client, talk: UnsharedConversation, what: str, more: dict[str, object]
) -> None:
    fields = {"act": what, "turn": str(talk.turns.get(position=0).pk), **more}

    response = browser.post(address(talk), fields)

    assert response.status_code == 422
    assert "Please look at this again" in text_of(response)
    assert Redaction.objects.count() == 0


def test_turn_is_taken_out_and_put_back(browser: Client, talk: UnsharedConversation) -> None:
    turn = talk.turns.get(position=2)

    page = act(browser, turn, "remove_turn")
    assert "You took this turn out" in page
    assert "Share these 2 turns" in page
    assert "Share these 3 turns" in act(browser, turn, "put_back")


def test_replies_not_chosen_are_folded_below(browser: Client, talk: UnsharedConversation) -> None:
    add_reply(talk, 1, 1, "Good day, Anna Keller")

    page = text_of(browser.get(address(talk)))

    assert "1 other reply you did not choose" in page
    assert "Good day, [NAME_1]" in said_in(page)


def test_scopes_are_repeated_in_words(
    browser: Client, owner: Participant, talk: UnsharedConversation
) -> None:
    withdraw(owner, "models")

    page = text_of(browser.get(address(talk)))

    assert "Other participants may see what I share." in page
    assert "It will not be sent to language models of third parties." in page


def test_sharing_shares_what_was_shown(browser: Client, talk: UnsharedConversation) -> None:
    page = text_of(browser.get(address(talk)))

    response = browser.post(address(talk), {"act": "share", "seen": seen(page)})

    assert response.status_code == 302
    shared = Conversation.objects.get(pk=talk.pk)
    assert shared.turns.get(position=1).content == "Hello [NAME_1]!"
    assert not UnsharedConversation.objects.exists()


def test_page_that_is_out_of_date_is_shown_again(
    browser: Client, talk: UnsharedConversation
) -> None:
    page = text_of(browser.get(address(talk)))
    act(browser, talk.turns.get(position=2), "hide", words="Thanks")

    response = browser.post(address(talk), {"act": "share", "seen": seen(page)})

    assert response.status_code == 422
    assert "Something has changed since" in text_of(response)
    assert not Conversation.objects.exists()


def test_conversation_is_removed_after_asking(browser: Client, talk: UnsharedConversation) -> None:
    assert "Remove this conversation?" in text_of(browser.get(address(talk) + "remove/"))
    assert UnsharedConversation.objects.exists()

    browser.post(address(talk) + "remove/")

    assert not UnsharedConversation.objects.exists()
    assert not UnsharedTurn.objects.exists()


def test_long_conversation_comes_in_pages_and_is_shared_on_the_last(
    browser: Client, owner: Participant
) -> None:
    talk = make_unshared(owner, *[f"Sentence number {n}" for n in range(120)])

    first = text_of(browser.get(address(talk)))
    last = text_of(browser.get(address(talk) + "?page=3"))

    assert (len(said_in(first)), len(said_in(last))) == (50, 20)
    assert "Share these 120 turns" not in first
    assert "Share these 120 turns" in last


@pytest.mark.parametrize("path", ["", "remove/"])
def test_nobody_else_finds_it(client: Client, talk: UnsharedConversation, path: str) -> None:
    other = make_participant(talk.study, "other")
    make_unshared(other, "Mine")

    assert client.get(address(talk) + path).status_code == 404
    entered_as(client, other)
    assert client.get(address(talk) + path).status_code == 404
    assert client.post(address(talk), {"act": "share"}).status_code == 404


def test_turn_of_somebody_else_is_not_touched(
    browser: Client, owner: Participant, talk: UnsharedConversation
) -> None:
    other = make_unshared(make_participant(owner.study, "other"), "Secret words")
    fields = {"act": "hide", "turn": str(other.turns.get().pk), "words": "Secret"}

    response = browser.post(address(talk), fields)

    assert response.status_code == 422
    assert Redaction.objects.count() == 0


def test_carriage_returns_move_no_offset(browser: Client, owner: Participant) -> None:
    talk = make_unshared(owner, "one\r\ntwo\r\nthree")

    page = text_of(browser.get(address(talk)))

    assert '<span data-start="0">one</span><span data-start="4">\ntwo</span>' in page


def test_account_name_is_proposed(client: Client, owner: Participant) -> None:
    user = User.objects.create_user("tilda", first_name="Tilda", last_name="Okafor")
    Participant.objects.filter(pk=owner.pk).update(user=user)
    talk = make_unshared(owner, "Sign it as Okafor please")
    client.force_login(user)

    assert said_in(text_of(client.get(address(talk)))) == ["Sign it as [NAME_1] please"]


def test_page_costs_the_same_for_any_length(
    browser: Client, owner: Participant, django_assert_max_num_queries: object
) -> None:
    counts = []
    for length in (2, 40):
        talk = make_unshared(owner, *[f"I am Anna and say {n}" for n in range(length)])
        browser.get(address(talk))
        with django_assert_max_num_queries(40) as queries:  # type: ignore[operator]
            browser.get(address(talk))
        counts.append(len(queries))

    assert counts[0] == counts[1]
