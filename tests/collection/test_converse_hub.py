"""Replies as the process that reads them stores and hands them on."""

import asyncio
from collections.abc import Iterator
from uuid import UUID

import pytest

from collection.converse.hub import Hub
from collection.converse.live import Listener
from collection.unshared.models import ReplyEvent, UnsharedTurn
from llm.models import Call
from tests.collection.conversing import (
    begun,
    converse_study,
    in_loop,
    model_at,
    read_replies,
    reply_of,
    say,
)
from tests.fakellm import FakeLlm, streamed
from work.models import Job

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def model() -> Iterator[FakeLlm]:
    with FakeLlm() as server:
        yield server


async def heard(hub: Hub, replies: list[UUID], offsets: tuple[int, ...] = ()) -> list[str]:
    """What somebody hears who listens from the offset on, one text per reply."""
    listener = hub.listen(replies, offsets)
    assert isinstance(listener, Listener)
    texts = [""] * len(replies)
    with listener:
        while True:
            listener.wake.clear()
            is_over = listener.is_over
            for news in listener.news():
                texts[news.lane] += news.text
            if is_over:
                return texts
            await listener.wake.wait()


def test_reply_is_heard_and_stored_whole(model: FakeLlm) -> None:
    model_at(model.url)
    conversation = begun(converse_study())
    model.script(streamed("Good", 0.05, " day", 0.3, "!"))
    replies = say(conversation)

    assert in_loop(lambda hub: heard(hub, replies)) == ["Good day!"]
    reply = reply_of(conversation)
    assert (reply.state, reply.content, reply.model) == ("whole", "Good day!", "fake-model")
    assert not ReplyEvent.objects.exists()
    assert not conversation.turns.filter(awaits_reply=True).exists()
    assert Job.objects.get().state == "done"
    call = Call.objects.get()
    assert (call.state, call.outcome, call.raw_response) == ("ok", "ok", "")
    assert (call.prompt_tokens, call.completion_tokens) == (10, 3)


def test_reply_without_a_listener_is_read_all_the_same(model: FakeLlm) -> None:
    model_at(model.url)
    conversation = begun(converse_study())

    read_replies(say(conversation, "Say this"))

    assert reply_of(conversation).content == "Say this"
    assert UnsharedTurn.objects.filter(state="whole").count() == 2


def test_listener_who_comes_back_hears_the_rest_once(model: FakeLlm) -> None:
    model_at(model.url)
    conversation = begun(converse_study())
    model.script(streamed("one ", 0.1, "two ", 0.1, "three"))
    replies = say(conversation)

    async def twice(hub: Hub) -> list[str]:
        hub.start(replies[0])
        while hub.start(replies[0]).length < 6:
            await asyncio.sleep(0.01)
        return await heard(hub, replies, (2,))

    assert in_loop(twice) == ["e two three"]
