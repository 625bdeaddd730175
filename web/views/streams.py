"""A conversation's replies as they come: the one page that stays open."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from uuid import UUID

from asgiref.sync import sync_to_async
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from collection.converse.hub import hub_here
from collection.converse.live import Listener
from collection.converse.rules import check_may_converse
from collection.converse.talk import last_exchange
from web.participants import participant_or_404
from web.sse import ALIVE, CONTENT_TYPE, RETRY, Place, asked_place, event
from web.views.converse import own_or_404
from work.connections import release_connections

ALIVE_SECONDS = 15.0


@dataclass(frozen=True)
class Standing:
    """The replies that a page wants to hear of."""

    marker: str
    replies: Sequence[UUID]
    is_coming: bool


@require_safe
@never_cache
async def replies(request: HttpRequest, slug: str, conversation: UUID) -> HttpResponseBase:
    """Each piece of the replies to the last message from where the page left off, then the end."""
    standing = await sync_to_async(_standing)(request, slug, conversation)
    place = asked_place(request) or Place(standing.marker, ())
    if not standing.is_coming or place.marker != standing.marker:
        # Nothing to hear of, or not of what the page shows: it should look anew.
        return _streamed(_end())
    listener = hub_here().listen(standing.replies, place.offsets)
    if listener is None:
        return HttpResponse(status=429, headers={"Retry-After": "5"})
    return _streamed(_events(listener, standing.marker))


def _standing(request: HttpRequest, slug: str, conversation: UUID) -> Standing:
    participant = participant_or_404(request, slug)
    found = own_or_404(participant, conversation)
    check_may_converse(participant)
    exchange = last_exchange(found)
    if exchange is None:
        return Standing("", (), False)
    shown = [reply.turn.pk for reply in exchange.replies]
    return Standing(exchange.marker, shown, exchange.is_coming)


def _streamed(events: AsyncIterator[str]) -> StreamingHttpResponse:
    # A proxy that gathers an answer before it passes it on would make a stream of none.
    return StreamingHttpResponse(
        events, content_type=CONTENT_TYPE, headers={"X-Accel-Buffering": "no"}
    )


async def _end() -> AsyncIterator[str]:
    yield event("end", {})


async def _events(listener: Listener, marker: str) -> AsyncIterator[str]:
    # Middleware is done by now; an open stream holds no connection that others could use.
    await sync_to_async(release_connections)()
    loop = asyncio.get_running_loop()
    with listener:
        yield RETRY
        while True:
            listener.wake.clear()
            is_over = listener.is_over
            came = "".join(
                event("piece", {"lane": news.lane, "text": news.text}, _id(listener, marker))
                for news in listener.news()
            )
            if is_over:
                yield came + event("end", {})
                return
            if came:
                yield came
            alarm = loop.call_later(ALIVE_SECONDS, listener.wake.set)
            await listener.wake.wait()
            alarm.cancel()
            if not came and loop.time() >= alarm.when():
                yield ALIVE


def _id(listener: Listener, marker: str) -> str:
    return str(Place(marker, tuple(listener.offsets)))
