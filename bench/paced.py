"""A model that says when it says it: each streamed token is the time at which it was sent.

An asyncio server of its own, so that two hundred streams cost it little. The file whose path it
prints says how many tokens a reply has and how long it pauses between them.
"""

import asyncio
import json
import tempfile
import time
from pathlib import Path

HEAD = (
    b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n"
    b"Transfer-Encoding: chunked\r\nConnection: close\r\n\r\n"
)
PIECE = 'data: {"id":"chatcmpl-1","object":"chat.completion.chunk","created":0,"model":"paced",'
PIECE += '"choices":[{"index":0,"delta":{"content":"%s;"},"finish_reason":null}]}\n\n'
LAST = 'data: {"choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}\n\ndata: [DONE]\n\n'


async def main() -> None:
    """Serve until ended."""
    with tempfile.TemporaryDirectory(prefix="fh-", dir="/tmp") as directory:
        pace = Path(directory) / "pace.json"

        async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            await _answer(reader, writer, pace)

        server = await asyncio.start_server(answer, "127.0.0.1", 0, backlog=500)
        port = server.sockets[0].getsockname()[1]
        print(f"http://127.0.0.1:{port}/v1 {pace}", flush=True)
        await server.serve_forever()


async def _answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, pace: Path) -> None:
    head = (await reader.readuntil(b"\r\n\r\n")).lower()
    length = int(head.split(b"content-length:")[1].split(b"\r\n")[0])
    await reader.readexactly(length)
    asked = json.loads(pace.read_text())
    writer.write(HEAD)
    began = time.monotonic()
    for number in range(asked["tokens"]):
        await asyncio.sleep(max(0.0, began + number * asked["pause"] - time.monotonic()))
        _write(writer, PIECE % f"{time.time():.4f}")
        await writer.drain()
    _write(writer, LAST)
    writer.write(b"0\r\n\r\n")
    await writer.drain()
    writer.close()


def _write(writer: asyncio.StreamWriter, text: str) -> None:
    data = text.encode()
    writer.write(b"%x\r\n%s\r\n" % (len(data), data))


if __name__ == "__main__":
    asyncio.run(main())
