"""Replies as the process that reads them stores and hands them on."""

import asyncio
from collections.abc import Iterator
from datetime import timedelta
from uuid import UUID

import pytest
from django.db.models.functions import Now

from bench.fakellm.replies import Scripted, streamed
from bench.fakellm.server import FakeLlm
from collection.actions.conversing import stop_replies
from collection.actions.replying import begin_reply
from collection.converse import hub as hub_module
from collection.converse.following import standing_of
from collection.converse.hub import Hub, look_soon
from collection.converse.live import Listener
from collection.unshared.models import ReplyEvent, UnsharedConversation, UnsharedTurn
from llm.models import Call
from studies.models import Consent
from tests.collection.conversing import (
    begun,
    converse_study,
    in_loop,
    model_at,
    read_replies,
    reply_of,
    say,
)
from work.execution import do_next
from work.models import Job, JobResult

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


def test_stop_keeps_what_was_seen(model: FakeLlm) -> None:
    model_at(model.url)
    conversation = begun(converse_study())
    model.script(streamed("one ", "two ", "three ", 5.0, "four"))
    replies = say(conversation)

    async def stop(hub: Hub) -> None:
        live = hub.start(replies[0])
        while live.length < 14:
            await asyncio.sleep(0.01)
        await hub.database(stop_replies, conversation=conversation, seen=[7])
        look_soon()

    in_loop(stop)

    reply = reply_of(conversation)
    assert (reply.state, reply.content) == ("stopped", "one two")
    assert (Call.objects.get().state, Call.objects.get().outcome) == ("ok", "stopped")
    assert Job.objects.get().state == "done"


def test_pieces_are_stored_in_sequence_and_not_too_often(model: FakeLlm) -> None:
    model_at(model.url)
    conversation = begun(converse_study())
    model.script(streamed(*(part for n in range(20) for part in (f"{n} ", 0.05)), 1.0))
    replies = say(conversation)

    async def watch(hub: Hub) -> list[tuple[int, str]]:
        hub.start(replies[0])
        while hub.start(replies[0]).length < 50:
            await asyncio.sleep(0.01)
        await asyncio.sleep(0.6)
        standing = await hub.database(standing_of, replies[0], 0)
        assert standing is not None
        return standing.pieces

    pieces = in_loop(watch)

    assert [sequence for sequence, _text in pieces] == list(range(len(pieces)))
    assert "".join(text for _sequence, text in pieces) == "".join(f"{n} " for n in range(20))
    assert 2 <= len(pieces) <= 9


def test_withdrawal_ends_what_is_coming(model: FakeLlm, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hub_module, "RENEW_SECONDS", 0.3)
    model_at(model.url)
    conversation = begun(converse_study())
    model.script(streamed("one ", 20.0, "two"))
    replies = say(conversation)

    async def withdraw(hub: Hub) -> None:
        live = hub.start(replies[0])
        while not live.length:
            await asyncio.sleep(0.01)
        await hub.database(Consent.objects.filter(scope="converse").delete)

    in_loop(withdraw)

    assert (reply_of(conversation).state, reply_of(conversation).content) == ("cut", "one ")


def test_erased_reply_is_dropped(model: FakeLlm, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hub_module, "RENEW_SECONDS", 0.3)
    model_at(model.url)
    conversation = begun(converse_study())
    model.script(streamed("one ", 0.2, "two", 20.0))
    replies = say(conversation)

    async def erase(hub: Hub) -> None:
        live = hub.start(replies[0])
        while not live.length:
            await asyncio.sleep(0.01)
        await hub.database(conversation.delete)

    in_loop(erase)

    assert not UnsharedTurn.objects.exists()
    assert not ReplyEvent.objects.exists()


@pytest.mark.parametrize("status", [429, 503])
def test_busy_model_leaves_a_cut_reply_to_ask_again(model: FakeLlm, status: int) -> None:
    model_at(model.url)
    conversation = begun(converse_study())
    model.script(Scripted(status, {"error": {}}))

    read_replies(say(conversation))

    assert (reply_of(conversation).state, reply_of(conversation).content) == ("cut", "")
    assert JobResult.objects.get().outcome in ("rate_limited", "server")
    assert conversation.turns.get(role="user").awaits_reply


def test_without_consent_nothing_leaves(model: FakeLlm) -> None:
    model_at(model.url)
    conversation = begun(converse_study())
    replies = say(conversation)
    Consent.objects.filter(scope="converse").delete()

    read_replies(replies)

    assert (model.billed, reply_of(conversation).state) == (0, "cut")


def test_process_that_leaves_cuts_what_it_reads(model: FakeLlm) -> None:
    model_at(model.url)
    conversation = begun(converse_study())
    model.script(streamed("one ", 20.0, "two"))
    replies = say(conversation)

    async def leave(hub: Hub) -> None:
        live = hub.start(replies[0])
        while not live.length:
            await asyncio.sleep(0.01)
        await hub.close()

    in_loop(leave)

    assert (reply_of(conversation).state, reply_of(conversation).content) == ("cut", "one ")
    assert Job.objects.get().state == "done"


def abandoned(conversation: UnsharedConversation, *pieces: str) -> UUID:
    """A reply whose process vanished after storing these pieces, longer ago than its lease."""
    [turn] = say(conversation)
    reply = begin_reply(reply=turn, owner="gone")
    assert reply is not None
    for sequence, text in enumerate(pieces):
        ReplyEvent.objects.create(turn_id=turn, sequence=sequence, text=text)
    Job.objects.update(lease_until=Now() - timedelta(seconds=1))
    return turn


def test_reply_of_a_vanished_process_is_cut_by_who_listens(model: FakeLlm) -> None:
    model_at(model.url)
    conversation = begun(converse_study())
    turn = abandoned(conversation, "one ", "two")

    assert in_loop(lambda hub: heard(hub, [turn], (1,))) == ["ne two"]
    assert (reply_of(conversation).state, reply_of(conversation).content) == ("cut", "one two")
    assert (model.billed, Job.objects.get().state) == (0, "done")


def test_reply_of_a_vanished_process_is_cut_by_a_worker(model: FakeLlm) -> None:
    model_at(model.url)
    conversation = begun(converse_study())
    abandoned(conversation, "one ", "two")

    assert do_next("worker")

    reply = reply_of(conversation)
    assert (reply.state, reply.content, reply.is_chosen) == ("cut", "one two", True)
    assert (Job.objects.get().state, JobResult.objects.get().outcome) == ("done", "vanished")
    assert not ReplyEvent.objects.exists()


def test_stopped_reply_of_a_vanished_process_is_what_was_seen(model: FakeLlm) -> None:
    model_at(model.url)
    conversation = begun(converse_study())
    abandoned(conversation, "one ", "two")
    stop_replies(conversation=conversation, seen=[3])

    do_next("worker")

    assert (reply_of(conversation).state, reply_of(conversation).content) == ("stopped", "one")


def test_worker_takes_no_reply_that_is_read(model: FakeLlm) -> None:
    model_at(model.url)
    [turn] = say(begun(converse_study()))
    begin_reply(reply=turn, owner="web")

    assert not do_next("worker")


def test_reply_is_begun_once(model: FakeLlm) -> None:
    model_at(model.url)
    [turn] = say(begun(converse_study()))

    assert begin_reply(reply=turn, owner="web") is not None
    assert begin_reply(reply=turn, owner="another") is None
