"""A TCP proxy that harms what passes through it, in Toxiproxy's words.

Toxics: latency (seconds), bandwidth (bytes a second), slicer (bytes in a piece), limit_data (bytes,
then the end), timeout (nothing passes, then the end), reset_peer (a reset at once), down.
"""

import asyncio
import contextlib
import socket
import struct
import threading
from dataclasses import dataclass

TOXICS = {
    "latency": 0.05,
    "bandwidth": 20_000.0,
    "slicer": 64.0,
    "limit_data": 5_000.0,
    "timeout": 0.0,
    "reset_peer": 0.0,
    "down": 0.0,
}
"""Each with how much of it is given."""
PIECE = 65_536
ABORT = struct.pack("ii", 1, 0)
"""SO_LINGER that makes closing a reset."""


@dataclass(frozen=True)
class Toxic:
    """What harms the traffic, and how much."""

    kind: str
    amount: float


class Proxy:
    """Passes connections on from a port of its own; `upstream` is a socket's path or a port."""

    def __init__(self, upstream: str | int) -> None:
        self.upstream = upstream
        self.toxic: Toxic | None = None
        self._door = socket.create_server(("127.0.0.1", 0), backlog=512)
        self.port: int = self._door.getsockname()[1]
        self._open: set[asyncio.StreamWriter] = set()
        self._loop = asyncio.new_event_loop()
        threading.Thread(target=self._run, daemon=True, name=f"proxy-{self.port}").start()

    def poison(self, kind: str) -> None:
        """Harm the traffic from now on, that of open connections too."""
        self.toxic = Toxic(kind, TOXICS[kind])
        if kind in ("reset_peer", "down"):
            self._loop.call_soon_threadsafe(self._break_all)

    def heal(self) -> None:
        """Let everything pass again; connections that were held up end."""
        was, self.toxic = self.toxic, None
        if was is not None and was.kind == "timeout":
            self._loop.call_soon_threadsafe(self._break_all)

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        self._loop.run_until_complete(asyncio.start_server(self._serve, sock=self._door))
        self._loop.run_forever()

    def _break_all(self) -> None:
        for writer in list(self._open):
            _reset(writer)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self.toxic is not None and self.toxic.kind in ("reset_peer", "down"):
            _reset(writer)
            return
        try:
            far_reader, far_writer = await self._connected()
        except OSError:
            _reset(writer)
            return
        self._open |= {writer, far_writer}
        try:
            await asyncio.gather(self._pump(reader, far_writer), self._pump(far_reader, writer))
        finally:
            self._open -= {writer, far_writer}

    async def _connected(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        if isinstance(self.upstream, str):
            return await asyncio.open_unix_connection(self.upstream)
        return await asyncio.open_connection("127.0.0.1", self.upstream)

    async def _pump(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        passed = 0
        with contextlib.suppress(OSError):
            while data := await reader.read(PIECE):
                passed += len(data)
                if not await self._pass_on(data, passed, writer):
                    break
        with contextlib.suppress(OSError):
            writer.close()

    async def _pass_on(self, data: bytes, passed: int, writer: asyncio.StreamWriter) -> bool:
        """Send it on as the toxic lets it; False if that ends the connection."""
        toxic = self.toxic
        if toxic is None:
            writer.write(data)
        elif toxic.kind == "limit_data" and passed > toxic.amount:
            return False
        elif toxic.kind == "slicer":
            await _sliced(data, int(toxic.amount), writer)
        elif toxic.kind == "timeout":
            while self.toxic is toxic:
                await asyncio.sleep(0.05)
            return False
        else:
            slow = {"latency": toxic.amount, "bandwidth": len(data) / max(toxic.amount, 1.0)}
            await asyncio.sleep(slow.get(toxic.kind, 0.0))
            writer.write(data)
        await writer.drain()
        return True


async def _sliced(data: bytes, size: int, writer: asyncio.StreamWriter) -> None:
    for start in range(0, len(data), size):
        writer.write(data[start : start + size])
        await writer.drain()
        await asyncio.sleep(0)


def _reset(writer: asyncio.StreamWriter) -> None:
    with contextlib.suppress(OSError):
        inner = writer.get_extra_info("socket")
        if inner is not None and inner.family == socket.AF_INET:
            inner.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, ABORT)
        writer.transport.abort()
