"""An OpenAI-compatible server that answers as it is told, or honestly, and counts what it billed.

In a test: `with FakeLlm(answer) as server: ...`, where `answer(request_json)` gives the text (or
the JSON) of the reply; `server.script(Scripted(...))` puts exact replies before it.
"""

import asyncio
import socket
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Any

from bench.fakellm.books import Books
from bench.fakellm.chance import Chance
from bench.fakellm.desk import Desk, Manner
from bench.fakellm.limits import Limit
from bench.fakellm.replies import Answer, Scripted, echo
from bench.fakellm.wire import converse

AT_ONCE = 256
"""Answers computed at the same time in a test, where one may wait for something."""


class FakeLlm:
    """A server on a free port of the loopback: in a thread of this process, or all of it.

    As a context manager it keeps every question in `requests` and `headers`; `serve` keeps none.
    """

    def __init__(
        self,
        answer: Answer = echo,
        *,
        port: int = 0,
        latency: float = 0.0,
        jitter: float = 0.0,
        pause: float = 0.0,
        seed: int = 0,
        faults: dict[str, float] | None = None,
        retry_after: float | None = None,
        requests_per_minute: float | None = None,
        count_file: Path | None = None,
        journal: Path | None = None,
    ) -> None:
        self.manner = Manner(answer, latency, jitter, pause, retry_after)
        self.books = Books(count_file, journal)
        self.desk = Desk(
            self.manner, self.books, Chance(seed, faults or {}), Limit(requests_per_minute)
        )
        self.requests: list[dict[str, Any]] = []
        self.headers: list[dict[str, str]] = []
        self._socket = socket.create_server(("127.0.0.1", port), backlog=1024)
        # Else the head of an answer goes ahead, and its body waits 40 ms for the client's delayed
        # acknowledgement. The sockets that are accepted inherit it.
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._port = self._socket.getsockname()[1]
        self._loop: asyncio.AbstractEventLoop | None = None
        self._stop = asyncio.Event()
        self._is_up = threading.Event()

    @property
    def url(self) -> str:
        """What an endpoint's `base_url` must be."""
        return f"http://127.0.0.1:{self._port}/v1"

    @property
    def billed(self) -> int:
        """How many answers were billed."""
        return self.books.billed

    @property
    def answer(self) -> Answer:
        """What computes an answer that no script gives."""
        return self.manner.answer

    @answer.setter
    def answer(self, answer: Answer) -> None:
        self.manner.answer = answer

    @property
    def latency(self) -> float:
        """Seconds that a computed answer takes."""
        return self.manner.latency

    @latency.setter
    def latency(self, seconds: float) -> None:
        self.manner.latency = seconds

    def script(self, *replies: Scripted | dict[str, Any]) -> None:
        """Give these replies first, in order; a dictionary is the body of a 200."""
        for reply in replies:
            self.manner.script.append(
                reply if isinstance(reply, Scripted) else Scripted(body=reply)
            )

    def serve(self) -> None:
        """Answer until told to stop."""
        asyncio.run(self._serve())

    async def _serve(self) -> None:
        self._loop = asyncio.get_running_loop()
        talks: set[asyncio.Task[None]] = set()

        async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            task = asyncio.current_task()
            assert task is not None
            talks.add(task)
            task.add_done_callback(talks.discard)
            with suppress(asyncio.CancelledError):
                await converse(reader, writer, self.desk.reply)

        server = await asyncio.start_server(talk, sock=self._socket, backlog=1024)
        self._is_up.set()
        await self._stop.wait()
        server.close()
        for task in list(talks):
            task.cancel()
        await asyncio.gather(*talks, return_exceptions=True)

    def __enter__(self) -> "FakeLlm":
        self.desk.on_request = self._remember
        self.desk.executor = ThreadPoolExecutor(AT_ONCE, thread_name_prefix="fakellm")
        self._thread = threading.Thread(target=self.serve, daemon=True)
        self._thread.start()
        self._is_up.wait()
        return self

    def __exit__(
        self,
        _kind: type[BaseException] | None,
        _error: BaseException | None,
        _trace: TracebackType | None,
    ) -> None:
        assert self._loop is not None
        self._loop.call_soon_threadsafe(self._stop.set)
        self._thread.join()
        if isinstance(self.desk.executor, ThreadPoolExecutor):
            self.desk.executor.shutdown(wait=False, cancel_futures=True)
        self.books.close()

    def _remember(self, request: dict[str, Any], headers: dict[str, str]) -> None:
        self.requests.append(request)
        self.headers.append(headers)
