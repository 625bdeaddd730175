"""The replies that this process reads: each a task that no page's coming or going touches.

One writer per process stores what came of all of them. Everything here runs in one event loop;
what asks the database runs in one thread beside it.
"""

import asyncio
import logging
import os
import secrets
import socket
from collections.abc import Iterable, Sequence
from uuid import UUID
from weakref import WeakKeyDictionary

from django.db import DatabaseError

from collection.actions import replying
from collection.actions.replying import BegunReply, Piece
from collection.converse.following import standing_of
from collection.converse.lanes import UNDER_WAY
from collection.converse.live import Listener, Live
from collection.unshared.models import UnsharedTurn
from llm import streaming
from llm.errors import CallFailed, EndpointBroken, Refused, Unparseable
from work import queue
from work.errors import LateClaim
from work.offloading import DatabaseThread

logger = logging.getLogger(__name__)

KEEP_SECONDS = 0.25
"""Between two stored pieces of one reply, at least."""
RENEW_SECONDS = 5.0
"""Between two looks at leases and consents."""
FOLLOW_SECONDS = 0.25
"""Between two looks at a reply that another process reads."""
TROUBLED_SECONDS = 1.0
FINISH_ATTEMPTS = 10
MOST_LISTENERS = 8
"""Pages open at one reply."""

State = UnsharedTurn.State


class Hub:
    """All replies that this event loop has in hand."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self.loop = loop
        self.owner = f"web:{socket.gethostname()}:{os.getpid()}:{secrets.token_hex(4)}"
        self.database = DatabaseThread("replies")
        self._lives: dict[UUID, Live] = {}
        self._writer: asyncio.Task[None] | None = None
        self._hurry = asyncio.Event()
        self._looks = False
        self._renewed_at = loop.time()

    def start(self, reply: UUID) -> Live:
        """Have the reply read, here or wherever it is read already."""
        live = self._lives.get(reply)
        if live is None:
            live = self._lives[reply] = Live(reply)
            live.task = self.loop.create_task(self._attend(live))
        return live

    def listen(self, replies: Sequence[UUID], offsets: Sequence[int]) -> Listener | None:
        """Somebody who hears of these replies what comes after the offsets; None if too many do."""
        lives = [self.start(reply) for reply in replies]
        if any(len(live.listeners) >= MOST_LISTENERS for live in lives):
            return None
        return Listener(lives, offsets)

    @property
    def is_busy(self) -> bool:
        """Is any reply read or followed here?"""
        return bool(self._lives)

    def look(self) -> None:
        """Store what came and obey what readers want now, instead of a moment later."""
        self._looks = True
        self._hurry.set()

    async def close(self) -> None:
        """End what is read here: it is cut, and what came of it stays."""
        tasks = [live.task for live in self._lives.values() if live.task is not None]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    # -- One reply -------------------------------------------------------------

    async def _attend(self, live: Live) -> None:
        try:
            await self._read_or_follow(live)
        except Exception:
            logger.exception("Reply %s was not seen to its end", live.reply)
        finally:
            live.claim = None
            self._lives.pop(live.reply, None)
            live.end()

    async def _read_or_follow(self, live: Live) -> None:
        while True:
            begun = await self.database(replying.begin_reply, reply=live.reply, owner=self.owner)
            if begun is not None:
                await self._read(live, begun)
                return
            if not await self._follow(live):
                return

    async def _read(self, live: Live, begun: BegunReply) -> None:
        """Have the model reply, and write down how that ended."""
        live.claim = begun.claim
        self._keep_writing()
        model = ""
        try:
            streamed = await streaming.stream(
                endpoint=begun.endpoint,
                prompt=begun.prompt,
                claim=begun.claim,
                scope=begun.claim.scope,
                subject=begun.claim.subject,
                on_piece=lambda piece: self._take(live, piece),
                database=self.database,
            )
            state, outcome, model = State.WHOLE, streamed.outcome, streamed.model
        except asyncio.CancelledError:
            state, outcome = self._why_cancelled(live)
        except (CallFailed, EndpointBroken, Unparseable, Refused) as problem:
            state, outcome = State.CUT, problem.outcome
        except LateClaim:
            return
        except Exception:
            # Whoever waits for it learns now that it ended, and not when the lease runs out.
            logger.exception("Reply %s broke off", live.reply)
            state, outcome = State.CUT, "error"
        finally:
            live.claim = None
        await self._finish(live, begun, state, outcome, model)

    def _take(self, live: Live, piece: str) -> None:
        is_first = live.length == 0
        live.add(piece)
        if is_first:
            self._hurry.set()

    def _why_cancelled(self, live: Live) -> tuple[State, str]:
        task = asyncio.current_task()
        assert task is not None
        task.uncancel()
        if live.stopped_at is not None:
            return State.STOPPED, "stopped"
        return State.CUT, "withdrawn" if live.is_gone else replying.VANISHED

    async def _finish(
        self, live: Live, begun: BegunReply, state: State, outcome: str, model: str
    ) -> None:
        """Try until the database takes it; in the end the lease runs out and it is cut."""
        text = live.text[: live.stopped_at] if state == State.STOPPED else live.text
        for _attempt in range(FINISH_ATTEMPTS):
            try:
                await self.database(
                    replying.finish_reply, claim=begun.claim, reply=live.reply, state=state,
                    content=text, model=model, outcome=outcome,
                )  # fmt: skip
                return
            except LateClaim:
                return
            except DatabaseError:
                logger.exception("The end of reply %s could not be stored yet", live.reply)
                await asyncio.sleep(TROUBLED_SECONDS)

    async def _follow(self, live: Live) -> bool:
        """Copy what another process stores of it; True if it has to be begun after all."""
        while True:
            standing = await self.database(standing_of, live.reply, live.sequence)
            if standing is None or standing.state not in UNDER_WAY:
                return False
            if standing.state == State.WAITING:
                return True
            for sequence, text in standing.pieces:
                live.add(text)
                live.sequence = sequence + 1
            if standing.expired_job is not None:
                await self.database(self._settle, standing.expired_job)
            await asyncio.sleep(FOLLOW_SECONDS)

    def _settle(self, job: UUID) -> None:
        """Do what a worker would do for a reply whose process vanished; runs in the thread."""
        claim = queue.take_over(job, owner=self.owner)
        if claim is not None:
            replying.settle_abandoned(claim=claim)

    # -- All replies -----------------------------------------------------------

    def _keep_writing(self) -> None:
        if self._writer is None or self._writer.done():
            self._writer = self.loop.create_task(self._write())

    def _read_here(self) -> dict[UUID, Live]:
        return {reply: live for reply, live in self._lives.items() if live.claim is not None}

    async def _write(self) -> None:
        """Store what comes for as long as anything does."""
        while lives := self._read_here():
            try:
                async with asyncio.timeout(KEEP_SECONDS):
                    await self._hurry.wait()
            except TimeoutError:
                pass
            self._hurry.clear()
            try:
                await self._keep(lives)
            except DatabaseError:
                logger.exception("Pieces of replies could not be stored yet")
                await asyncio.sleep(TROUBLED_SECONDS)

    async def _keep(self, lives: dict[UUID, Live]) -> None:
        now = self.loop.time()
        renews = now - self._renewed_at >= RENEW_SECONDS
        due = [live for live in lives.values() if now - live.kept_at >= KEEP_SECONDS or self._looks]
        self._looks = False
        found = {live: live.unkept() for live in due}
        pieces = [
            Piece(live.reply, live.sequence, text) for live, (text, _count) in found.items() if text
        ]
        claims = {reply: live.claim for reply, live in lives.items() if live.claim is not None}
        orders = await self.database(
            replying.keep_progress, pieces=pieces, claims=claims, renews=renews
        )
        if renews:
            self._renewed_at = now
        for live, (text, count) in found.items():
            if text:
                live.mark_kept(count, now)
        self._obey(lives, orders)

    def _obey(self, lives: dict[UUID, Live], orders: replying.Orders) -> None:
        for reply, seen in orders.stopped.items():
            lives[reply].stopped_at = min(seen, lives[reply].length)
        for reply in orders.gone:
            lives[reply].is_gone = True
        for reply in {*orders.stopped, *orders.gone}:
            live = lives[reply]
            # Without its claim it is being finished already.
            if live.claim is not None and live.task is not None:
                live.claim = None
                live.task.cancel()


# -- The hub of this process ---------------------------------------------------

_hubs: "WeakKeyDictionary[asyncio.AbstractEventLoop, Hub]" = WeakKeyDictionary()
_serving: list[Hub] = []


def hub_here() -> Hub:
    """The hub of the running event loop, which from now on serves this process."""
    loop = asyncio.get_running_loop()
    hub = _hubs.get(loop)
    if hub is None:
        hub = _hubs[loop] = Hub(loop)
        _serving[:] = [hub]
    return hub


def start_soon(replies: Iterable[UUID]) -> None:
    """Have these replies read, from any thread; without an event loop the first page does it."""
    for hub in _serving:
        for reply in replies:
            _tell(hub, hub.start, reply)


def look_soon() -> None:
    """Obey, from any thread, what was just asked of replies that this process reads."""
    for hub in _serving:
        _tell(hub, hub.look)


def _tell(hub: Hub, act: object, *arguments: object) -> None:
    if not hub.loop.is_closed():
        hub.loop.call_soon_threadsafe(act, *arguments)  # type: ignore[arg-type]
