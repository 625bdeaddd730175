"""The pages of a conversation, as a browser without scripts sees them, and who may not."""

from uuid import uuid4

import pytest
from django.test import Client

from collection.actions.replying import begin_reply, finish_reply
from collection.unshared.models import UnsharedConversation, UnsharedTurn
from llm.actions.endpoints import ensure_endpoint
from studies.models import Consent, Participant, Study
from tests.collection.conversing import begun, converse_study, reply_of, say
from tests.samples import make_participant
from tests.web.conftest import entered_as
from tests.web.pages import hidden_fields, text_of

START = "/s/alps/converse/"


@pytest.fixture
def study(db: None) -> Study:
    """With a model whose name nobody may learn."""
    ensure_endpoint(name="main", base_url="http://127.0.0.1:9/v1", model="secret-model")
    study = converse_study(min_turns=1, max_turns=3)
    study.document["endpoints"][0]["model"] = "secret-model"
    study.save()
    return study


@pytest.fixture
def person(study: Study) -> Participant:
    return make_participant(study, "talker")


@pytest.fixture
def talker(client: Client, person: Participant) -> Client:
    return entered_as(client, person)


@pytest.fixture
def conversation(person: Participant, study: Study) -> UnsharedConversation:
    return begun(study, "talker")


def address(conversation: UnsharedConversation, *more: object) -> str:
    return "".join([START, f"{conversation.pk}/", *(f"{part}/" for part in more)])


def end(conversation: UnsharedConversation, content: str, state: str, outcome: str = "ok") -> None:
    """Let the reply that waits end like this."""
    turn = conversation.turns.filter(state="waiting").order_by("place")[0]
    reply = begin_reply(reply=turn.pk, owner="test")
    assert reply is not None
    finish_reply(
        claim=reply.claim, reply=turn.pk, state=UnsharedTurn.State(state), content=content,
        model="secret-model", outcome=outcome,
    )  # fmt: skip


def test_begin_leads_to_the_conversation_and_back_to_it(talker: Client) -> None:
    page = text_of(talker.get(START))
    response = talker.post(START)

    assert "Begin the conversation" in page
    conversation = UnsharedConversation.objects.get()
    assert response["Location"] == address(conversation)
    assert talker.get(START)["Location"] == address(conversation)


def test_opening_pages_stores_nothing(talker: Client) -> None:
    talker.get(START)

    assert not UnsharedConversation.objects.exists()


def test_topics_are_asked_for_in_words(talker: Client, study: Study) -> None:
    study.document["converse"]["topics"] = [{"key": "food", "label": {"en": "What you <eat>"}}]
    study.save()

    assert "What you &lt;eat&gt;" in text_of(talker.get(START))
    assert talker.post(START, {"topic": "war"}).status_code == 422
    assert talker.post(START, {"topic": "food"}).status_code == 302


def test_distressing_topic_is_warned_of_before_it_is_chosen(talker: Client, study: Study) -> None:
    keys = ("food", "loss")
    study.document["converse"]["topics"] = [{"key": key, "label": {"en": key}} for key in keys]
    study.document["care"] = {"distressing": {"text": {"en": "It <hurts>."}, "topics": ["loss"]}}
    study.save()

    page = text_of(talker.get(START))

    assert page.count("It &lt;hurts&gt;.") == 1
    assert page.index("It &lt;hurts&gt;.") > page.index('value="loss"')


def test_message_is_sent_by_a_plain_form(
    talker: Client, conversation: UnsharedConversation
) -> None:
    fields = hidden_fields(text_of(talker.get(address(conversation))))

    for _time in range(2):
        response = talker.post(address(conversation, "turns"), {**fields, "text": "Hi <b>"})
        assert response["Location"] == address(conversation)

    page = text_of(talker.get(address(conversation)))
    assert page.count("Hi &lt;b&gt;") == 1
    assert '<noscript><meta http-equiv="refresh"' in page
    assert "css/unscripted.css" in page
    assert f'data-stream="{address(conversation, "stream")}?after=0.0-0"' in page


def test_second_message_is_refused_and_kept(
    talker: Client, conversation: UnsharedConversation
) -> None:
    say(conversation)

    response = talker.post(address(conversation, "turns"), {"text": "My long text", "key": "2"})

    assert response.status_code == 409
    assert "My long text</textarea>" in text_of(response)
    assert "comes first" in text_of(response)


@pytest.mark.parametrize("text", ["", " ", "x" * 8001])
def test_message_that_is_none_is_refused(
    talker: Client, conversation: UnsharedConversation, text: str
) -> None:
    response = talker.post(address(conversation, "turns"), {"text": text, "key": "1"})

    assert response.status_code == 422
    assert "Nothing was sent." in text_of(response)


@pytest.mark.parametrize("key", ["a\x00b", "x" * 81, "a\nb"])
def test_message_under_a_key_of_no_page_is_refused(
    talker: Client, conversation: UnsharedConversation, key: str
) -> None:
    response = talker.post(address(conversation, "turns"), {"text": "My text", "key": key})

    assert response.status_code == 422
    assert "My text</textarea>" in text_of(response)
    assert not conversation.turns.exists()


def test_nothing_posted_breaks_a_page(talker: Client, conversation: UnsharedConversation) -> None:
    [reply] = say(conversation, "He\x00llo", key="1")
    end(conversation, "Well", "whole")
    odd = dict.fromkeys(("text", "key", "seen", "rating", "topic"), "1\x00\ud800")
    posted = {name: value.encode("utf-8", "replace") for name, value in odd.items()}

    for act in ("stop", "again", "back", "end", "finish", "turns"):
        assert talker.post(address(conversation, act), posted).status_code < 500
    assert talker.post(address(conversation, "rate", reply), posted).status_code == 422
    assert talker.post(START, posted).status_code < 500


def test_message_after_the_last_turn_is_refused(
    talker: Client, conversation: UnsharedConversation
) -> None:
    for text in ("One", "Two", "Three"):
        say(conversation, text)
        end(conversation, "Well", "whole")

    response = talker.post(address(conversation, "turns"), {"text": "Four", "key": "4"})

    assert response.status_code == 409
    assert "<textarea" not in text_of(response)
    assert "That was the last turn" in text_of(response)


def test_script_gets_the_part_that_changes(
    talker: Client, conversation: UnsharedConversation
) -> None:
    headers = {"HX-Request": "true"}

    page = text_of(
        talker.post(address(conversation, "turns"), {"text": "Hi", "key": "1"}, headers=headers)
    )

    assert page.strip().startswith("<section")
    assert "<html" not in page


@pytest.mark.parametrize(
    ("outcome", "words"),
    [
        ("rate_limited", "is busy"),
        ("server", "could not be reached"),
        ("net_connect", "could not be reached"),
        ("timeout", "in time"),
        ("vanished", "broke off"),
    ],
)
def test_cut_reply_says_so_and_offers_to_try_again(
    talker: Client, conversation: UnsharedConversation, outcome: str, words: str
) -> None:
    say(conversation)
    end(conversation, "Half of", "cut", outcome)

    page = text_of(talker.get(address(conversation)))

    assert words in page
    assert "it is not complete" in page
    assert talker.post(address(conversation, "again")).status_code == 302
    assert reply_of(conversation, 1).state == "waiting"


def test_dead_model_holds_nobody(talker: Client, conversation: UnsharedConversation) -> None:
    say(conversation, "Are <you> there?")
    for number in range(3):
        assert "Take this message back" not in text_of(talker.get(address(conversation)))
        if number:
            talker.post(address(conversation, "again"))
        end(conversation, "", "cut", "server")
    assert "End this conversation here" in text_of(talker.get(address(conversation)))

    page = text_of(talker.post(address(conversation, "back")))
    response = talker.post(address(conversation, "end"))

    assert "Are &lt;you&gt; there?</textarea>" in page
    assert response["Location"] == "/s/alps/"
    assert talker.get(response["Location"], follow=True).status_code == 200
    review = f"/s/alps/review/{conversation.pk}/"
    assert talker.get(review, follow=True).status_code == 200


def test_replies_that_failed_alike_say_so_once(talker: Client, study: Study) -> None:
    study.document["converse"]["replies"] = 3
    study.save()
    conversation = begun(study, "talker")
    say(conversation)
    for content in ("Well", "", ""):
        end(conversation, content, "cut" if not content else "whole", "server")

    page = text_of(talker.get(address(conversation)))

    assert page.count("could not be reached") == 1
    assert page.count('<article class="reply') == 2


def test_model_is_not_given_up_at_once(talker: Client, conversation: UnsharedConversation) -> None:
    say(conversation)
    end(conversation, "", "cut", "server")

    assert talker.post(address(conversation, "back")).status_code == 409
    assert talker.post(address(conversation, "end")).status_code == 409


def test_reply_is_rated_with_and_without_scripts(
    talker: Client, conversation: UnsharedConversation
) -> None:
    [reply] = say(conversation)
    end(conversation, "Well", "whole")
    rate = address(conversation, "rate", reply)

    assert talker.post(rate, {"rating": "2"}).status_code == 302
    response = talker.post(rate, {"rating": "5"}, headers={"HX-Request": "true"})

    assert "Saved" in text_of(response)
    assert reply_of(conversation).rating == 5
    assert 'value="5" checked' in text_of(talker.get(address(conversation)))


@pytest.mark.parametrize("rating", ["", "9", "²", "-1", "1e3"])
def test_rating_that_is_none_is_refused(
    talker: Client, conversation: UnsharedConversation, rating: str
) -> None:
    [reply] = say(conversation)
    end(conversation, "Well", "whole")

    response = talker.post(address(conversation, "rate", reply), {"rating": rating})

    assert response.status_code == 422
    assert reply_of(conversation).rating is None


def test_stop_and_finish_lead_on(talker: Client, conversation: UnsharedConversation) -> None:
    say(conversation)
    assert talker.post(address(conversation, "stop"), {"seen": "nonsense"}).status_code == 302
    assert talker.post(address(conversation, "finish")).status_code == 422
    talker.post(address(conversation, "again"))
    end(conversation, "Well", "whole")

    response = talker.post(address(conversation, "finish"))

    assert response["Location"] == "/s/alps/"
    assert talker.get(address(conversation)).status_code == 302


def test_models_name_is_nowhere(talker: Client, conversation: UnsharedConversation) -> None:
    say(conversation)
    end(conversation, "Well", "whole")
    say(conversation, "More")
    end(conversation, "", "cut", "server")

    page = text_of(talker.get(address(conversation)))

    assert "secret" not in page


ACTS = ["", "turns", "again", "stop", "finish", "back", "end", "choose", "rate", "stream"]


@pytest.mark.parametrize("act", ACTS)
@pytest.mark.parametrize("who", ["stranger", "another person"])
def test_conversation_of_others_is_not_there(
    study: Study, conversation: UnsharedConversation, act: str, who: str
) -> None:
    [reply] = say(conversation)
    client = Client()
    if who == "another person":
        entered_as(client, make_participant(study, "other"))
    more = [act, reply] if act in ("choose", "rate") else [act] if act else []
    ask = client.get if act in ("", "stream") else client.post

    assert ask(address(conversation, *more)).status_code == 404
    assert conversation.turns.count() == 2


@pytest.mark.parametrize("act", ["turns", "again", "stop", "finish", "back", "end"])
def test_acts_are_not_done_by_reading(
    talker: Client, conversation: UnsharedConversation, act: str
) -> None:
    assert talker.get(address(conversation, act)).status_code == 405


def test_acts_want_their_token(person: Participant, conversation: UnsharedConversation) -> None:
    client = entered_as(Client(enforce_csrf_checks=True), person)

    response = client.post(address(conversation, "turns"), {"text": "Hi", "key": "1"})

    assert (response.status_code, conversation.turns.count()) == (403, 0)


@pytest.mark.parametrize("scope", ["converse", "take_part"])
def test_who_took_consent_back_says_nothing_more(
    talker: Client, conversation: UnsharedConversation, scope: str
) -> None:
    Consent.objects.filter(scope=scope).delete()

    response = talker.post(address(conversation, "turns"), {"text": "Hi", "key": "1"})

    assert response.status_code in (403, 409)
    assert not conversation.turns.exists()


def test_unknown_reply_is_refused(talker: Client, conversation: UnsharedConversation) -> None:
    say(conversation)
    end(conversation, "Well", "whole")

    assert talker.post(address(conversation, "choose", uuid4())).status_code == 422


def test_page_costs_the_same_however_long_the_conversation(
    talker: Client, conversation: UnsharedConversation
) -> None:
    counts = [queries_of(talker, conversation, text) for text in ("One", "Two", "Three")]

    assert counts[1] == counts[2]


def queries_of(client: Client, conversation: UnsharedConversation, text: str) -> int:
    """What the page costs after one more exchange."""
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    say(conversation, text)
    end(conversation, "Well", "whole")
    with CaptureQueriesContext(connection) as queries:
        client.get(address(conversation))
    return len(queries)
