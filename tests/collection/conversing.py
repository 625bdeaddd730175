"""A study in which people talk to models, and its events in a test. Everybody is invented."""

import asyncio
from collections.abc import Callable, Coroutine, Iterable
from typing import Any
from uuid import UUID

from collection.actions.conversing import begin_conversation, send_turn
from collection.converse.hub import Hub, hub_here
from collection.unshared.models import UnsharedConversation, UnsharedTurn
from llm.actions.endpoints import ensure_endpoint
from llm.client import close_streaming_clients
from llm.models import Endpoint
from studies.models import Participant, Study
from tests.samples import make_participant, make_study

CONSENT = {
    "version": "1",
    "text": {"en": "We keep what you share."},
    "scopes": ["take_part", "converse", "peers"],
    "required": ["take_part"],
}


def converse_study(slug: str = "alps", **converse: Any) -> Study:
    """A study that asks for one conversation and nothing else."""
    section = {"min_turns": 1, "models": [{"endpoint": "main"}], **converse}
    return make_study(
        slug,
        {},
        consent=CONSENT,
        endpoints=[{"name": "main", "model": "fake-model"}],
        converse=section,
    )


def model_at(url: str, name: str = "main") -> Endpoint:
    """The study's model, reachable at this address."""
    return ensure_endpoint(name=name, base_url=url, model="fake-model")


def begun(study: Study, ref: str = "p1") -> UnsharedConversation:
    """A person's conversation in which nothing was said yet."""
    person = Participant.objects.filter(study=study, ref=ref).first()
    return begin_conversation(participant=person or make_participant(study, ref))


def say(conversation: UnsharedConversation, text: str = "Hello there", key: str = "") -> list[UUID]:
    """The person says it; the replies that are to come."""
    said = send_turn(conversation=conversation, text=text, send_key=key or text)
    replies = conversation.turns.filter(position=said.position + 1).order_by("place")
    return list(replies.values_list("pk", flat=True))


def in_loop(act: Callable[[Hub], Coroutine[Any, Any, Any]]) -> Any:
    """Run it in an event loop of its own and wait until every reply is over."""

    async def run() -> Any:
        hub = hub_here()
        try:
            result = await act(hub)
            await until_over(hub)
            return result
        finally:
            await close_streaming_clients()
            hub.database.close()

    return asyncio.run(run())


async def until_over(hub: Hub) -> None:
    """Until nothing comes in any more."""
    while hub.is_busy:
        await asyncio.sleep(0.01)


def read_replies(replies: Iterable[UUID]) -> None:
    """Have these replies read to their ends."""

    async def start(hub: Hub) -> None:
        for reply in replies:
            hub.start(reply)

    in_loop(start)


def reply_of(conversation: UnsharedConversation, place: int = 0) -> UnsharedTurn:
    """The latest reply of this place."""
    replies = conversation.turns.filter(role="assistant", place=place)
    return replies.order_by("-position")[0]
