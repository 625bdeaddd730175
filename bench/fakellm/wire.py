"""HTTP/1.1 as far as the mock endpoint needs it: requests in, and replies out as they are told."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from http import HTTPStatus

from bench.fakellm.replies import EVENTS, Scripted

TLS = b"\x16"
"""What an encrypted connection begins with; we speak in the clear."""
REASONS = {each.value: each.phrase for each in HTTPStatus}


@dataclass(frozen=True)
class Request:
    """One request; header names are in lower case, the path is without its query."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes


Reply = Callable[[Request], Awaitable[Scripted]]


async def converse(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter, reply: Reply
) -> None:
    """Answer the requests of one connection, one after the other, until either side ends it."""
    try:
        while (request := await _read(reader)) is not None:
            scripted = await reply(request)
            if scripted.hangs:
                await reader.read(1)
                break
            await _send(writer, scripted)
            if scripted.cut or request.headers.get("connection") == "close":
                break
    except (OSError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
        pass
    finally:
        writer.close()


async def _read(reader: asyncio.StreamReader) -> Request | None:
    try:
        begun = await reader.readexactly(1)
        if begun == TLS:
            return None
        head = begun + await reader.readuntil(b"\r\n\r\n")
    except asyncio.IncompleteReadError:
        return None
    first, *lines = head.decode("latin-1").splitlines()
    method, target, _ = first.split(" ", 2)
    pairs = [line.partition(":") for line in lines if line]
    headers = {name.lower(): value.strip() for name, _, value in pairs}
    body = await _body(reader, headers)
    return Request(method, target.partition("?")[0], headers, body)


async def _body(reader: asyncio.StreamReader, headers: dict[str, str]) -> bytes:
    if headers.get("transfer-encoding", "").lower() != "chunked":
        return await reader.readexactly(int(headers.get("content-length", 0)))
    parts: list[bytes] = []
    while size := int((await reader.readline()).partition(b";")[0], 16):
        parts.append(await reader.readexactly(size))
        await reader.readline()
    await reader.readline()
    return b"".join(parts)


async def _send(writer: asyncio.StreamWriter, reply: Scripted) -> None:
    if isinstance(reply.body, list):
        await _stream(writer, reply)
        return
    payload = reply.payload
    announced = str(len(payload) + (100 if reply.cut else 0))
    given = {"Content-Type": "application/json", **reply.headers, "Content-Length": announced}
    writer.write(_head(reply.status, given))
    if not reply.drip:
        writer.write(payload)
        await writer.drain()
        return
    for byte in payload:
        writer.write(bytes([byte]))
        await writer.drain()
        await asyncio.sleep(reply.drip)


async def _stream(writer: asyncio.StreamWriter, reply: Scripted) -> None:
    """Each part by itself, in the chunked coding; cut, the last chunk is missing."""
    given = {"Content-Type": EVENTS, **reply.headers, "Transfer-Encoding": "chunked"}
    writer.write(_head(reply.status, given))
    for part in reply.body:
        if isinstance(part, int | float):
            await asyncio.sleep(part)
            continue
        data = part if isinstance(part, bytes) else part.encode("utf-8", "surrogatepass")
        writer.write(b"%x\r\n%s\r\n" % (len(data), data))
        await writer.drain()
    writer.write(b"" if reply.cut else b"0\r\n\r\n")
    await writer.drain()


def _head(status: int, headers: dict[str, str]) -> bytes:
    lines = [f"HTTP/1.1 {status} {REASONS.get(status, 'Unknown')}"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1")
