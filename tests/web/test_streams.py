"""The page that stays open: what a browser hears of a reply, from where it left off."""

import asyncio
import json
from collections.abc import Iterator
from typing import Any
from uuid import UUID

import pytest
from asgiref.sync import sync_to_async
from django.db import connections
from django.test import AsyncClient, Client

from bench.fakellm.replies import Scripted, streamed
from bench.fakellm.server import FakeLlm
from collection.converse.hub import Hub
from collection.unshared.models import UnsharedConversation
from studies.models import Consent
from tests.collection.conversing import begun, converse_study, in_loop, model_at, reply_of, say
from tests.samples import make_participant
from tests.web.conftest import entered_as

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def model() -> Iterator[FakeLlm]:
    with FakeLlm() as server:
        yield server


@pytest.fixture
def conversation(model: FakeLlm) -> UnsharedConversation:
    """In a study whose model may not be named."""
    model_at(model.url)
    return begun(converse_study(replies=1))


def listen(
    conversation: UnsharedConversation, after: str = "", came_back: str = ""
) -> tuple[int, str]:
    """Status and body of the stream, read to its end by the person themselves."""
    session = entered_as(Client(), conversation.participant).cookies

    async def run(hub: Hub) -> tuple[int, str]:
        client = AsyncClient()
        client.cookies = session
        headers = {"Last-Event-ID": came_back} if came_back else {}
        path = f"/s/alps/converse/{conversation.pk}/stream/?after={after}"
        try:
            response = await client.get(path, headers=headers)
            if not response.streaming:
                return response.status_code, response.content.decode()
            parts: Any = response.streaming_content  # type: ignore[attr-defined]
            return response.status_code, "".join([part.decode() async for part in parts])
        finally:
            await sync_to_async(connections.close_all)()

    status, body = in_loop(run)
    return status, body


def pieces(body: str) -> str:
    """The text in all events of a stream."""
    data = [json.loads(line[6:]) for line in body.splitlines() if line.startswith("data: ")]
    return "".join(event.get("text", "") for event in data)


def ids(body: str) -> list[str]:
    """Where the page would come back to, event by event."""
    return [line[4:] for line in body.splitlines() if line.startswith("id: ")]


def test_reply_comes_in_pieces_and_ends(model: FakeLlm, conversation: UnsharedConversation) -> None:
    model.script(streamed("Grüß ", 0.1, "Gott\n\ndata: x", 0.1, "!"))
    say(conversation)

    status, body = listen(conversation)

    assert (status, pieces(body)) == (200, "Grüß Gott\n\ndata: x!")
    assert (ids(body)[0], ids(body)[-1]) == ("0.0-5", "0.0-19")
    assert body.endswith("event: end\ndata: {}\n\n")
    assert "fake-model" not in body
    assert reply_of(conversation).state == "whole"


@pytest.mark.parametrize("way", ["after", "came_back"])
def test_page_that_comes_back_hears_the_rest(
    model: FakeLlm, conversation: UnsharedConversation, way: str
) -> None:
    model.script(streamed("one ", 0.3, "two"))
    say(conversation)

    _status, body = listen(conversation, **{way: "0.0-4"})

    assert pieces(body) == "two"


def test_page_that_shows_other_replies_is_told_to_look_anew(
    model: FakeLlm, conversation: UnsharedConversation
) -> None:
    say(conversation)

    assert listen(conversation, after="0.7-12") == (200, "event: end\ndata: {}\n\n")
    assert model.billed == 0


@pytest.mark.parametrize("after", ["nonsense", "0.0--1", "9" * 99, "0.0-1-2-3-4-5-6-7-8-9-10"])
def test_nonsense_is_read_from_the_start(
    model: FakeLlm, conversation: UnsharedConversation, after: str
) -> None:
    say(conversation, "All of it")

    assert pieces(listen(conversation, after=after)[1]) == "All of it"


def test_nothing_to_hear_is_the_end(conversation: UnsharedConversation) -> None:
    assert listen(conversation) == (200, "event: end\ndata: {}\n\n")


def test_busy_model_ends_the_stream(model: FakeLlm, conversation: UnsharedConversation) -> None:
    model.script(Scripted(429, {"error": {"message": "fake-model is busy"}}))
    say(conversation)

    assert listen(conversation)[1].endswith("event: end\ndata: {}\n\n")
    assert reply_of(conversation).state == "cut"


def test_side_by_side_come_on_one_stream(model: FakeLlm) -> None:
    model_at(model.url)
    conversation = begun(converse_study(replies=3))
    say(conversation, "Three of me")

    _status, body = listen(conversation)

    data = [json.loads(line[6:]) for line in body.splitlines() if line.startswith('data: {"l')]
    texts = ["".join(e["text"] for e in data if e["lane"] == lane) for lane in range(3)]
    assert texts == ["Three of me"] * 3


def test_without_consent_nothing_is_heard(
    model: FakeLlm, conversation: UnsharedConversation
) -> None:
    say(conversation)
    Consent.objects.filter(scope="converse").delete()

    assert listen(conversation)[0] == 403
    assert model.billed == 0


def test_conversation_of_others_is_not_there(
    model: FakeLlm, conversation: UnsharedConversation
) -> None:
    say(conversation)
    conversation.participant = make_participant(conversation.study, "other")

    assert listen(conversation)[0] == 404
    assert model.billed == 0


def test_too_many_pages_at_one_reply_are_refused(
    model: FakeLlm, conversation: UnsharedConversation
) -> None:
    model.script(streamed("one ", 0.5, "two"))
    replies: list[UUID] = say(conversation)

    async def crowd(hub: Hub) -> object:
        listeners = [hub.listen(replies, ()) for _number in range(8)]
        for listener in listeners:
            assert listener is not None
            listener.__enter__()
        await asyncio.sleep(0)
        return hub.listen(replies, ())

    assert in_loop(crowd) is None
