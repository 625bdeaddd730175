"""An OpenAI-compatible server that answers as it is told, or honestly, and counts what it billed.

In a test: `with FakeLlm(answer) as server: ...`, where `answer(request_json)` gives the text (or
the JSON) of the reply; `server.script(Scripted(...))` puts exact replies before it.
"""

import json
import threading
import time
from collections import deque
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import TracebackType
from typing import Any

from bench.fakellm.replies import EVENTS, Answer, Scripted, completion, echo, streamed


class FakeLlm:
    """A server in threads of this process, on a free port of the loopback."""

    def __init__(
        self,
        answer: Answer = echo,
        *,
        port: int = 0,
        latency: float = 0.0,
        pause: float = 0.0,
        count_file: Path | None = None,
    ) -> None:
        self.answer = answer
        self.latency = latency
        self.pause = pause
        self.billed = 0
        self.requests: list[dict[str, Any]] = []
        self.headers: list[dict[str, str]] = []
        self._script: deque[Scripted] = deque()
        self._lock = threading.Lock()
        self._count = count_file.open("ab", buffering=0) if count_file else None
        self._server = _Server(("127.0.0.1", port), _Handler)
        self._server.fake = self

    @property
    def url(self) -> str:
        """What an endpoint's `base_url` must be."""
        return f"http://127.0.0.1:{self._server.server_port}/v1"

    def script(self, *replies: Scripted | dict[str, Any]) -> None:
        """Give these replies first, in order; a dictionary is the body of a 200."""
        for reply in replies:
            self._script.append(reply if isinstance(reply, Scripted) else Scripted(body=reply))

    def serve(self) -> None:
        """Answer until told to stop."""
        self._server.serve_forever(poll_interval=0.05)

    def __enter__(self) -> "FakeLlm":
        self._thread = threading.Thread(target=self.serve, daemon=True)
        self._thread.start()
        return self

    def __exit__(
        self,
        _kind: type[BaseException] | None,
        _error: BaseException | None,
        _trace: TracebackType | None,
    ) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()
        if self._count:
            self._count.close()

    def reply_to(self, request: dict[str, Any], headers: dict[str, str]) -> Scripted:
        """The next reply of the script, or an honest one; a 200 is billed."""
        with self._lock:
            self.requests.append(request)
            self.headers.append(headers)
            scripted = self._script.popleft() if self._script else None
        time.sleep(scripted.delay if scripted else self.latency)
        reply = scripted or self._honest(request)
        if reply.status == 200:
            self._bill()
        return reply

    def _honest(self, request: dict[str, Any]) -> Scripted:
        content = self.answer(request)
        text = content if isinstance(content, str) else json.dumps(content, ensure_ascii=False)
        if request.get("stream"):
            words = [word if n == 0 else f" {word}" for n, word in enumerate(text.split(" "))]
            return streamed(*(part for word in words for part in (word, self.pause)))
        said = sum(len(str(message["content"])) for message in request["messages"])
        usage = {"prompt_tokens": said // 4, "completion_tokens": len(text) // 4}
        return Scripted(body=completion(text, model=request["model"], usage=usage))

    def _bill(self) -> None:
        with self._lock:
            self.billed += 1
            if self._count:
                # One byte per call: what was billed survives the server's own death.
                self._count.write(b".")


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128
    fake: FakeLlm


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: _Server

    def do_GET(self) -> None:
        self._send(Scripted(body={"object": "list", "data": [{"id": "fake-model"}]}))

    def do_POST(self) -> None:
        length = int(self.headers.get("Content-Length", 0))
        request = json.loads(self.rfile.read(length))
        if not self.path.endswith("/chat/completions"):
            self._send(Scripted(404, {"error": {"message": "no such path"}}))
            return
        headers = {name.lower(): value for name, value in self.headers.items()}
        self._send(self.server.fake.reply_to(request, headers))

    def _stream(self, reply: Scripted) -> None:
        """Each part by itself, in the chunked coding; cut, the last chunk is missing."""
        try:
            self.send_response(reply.status)
            self.send_header("Content-Type", reply.headers.get("Content-Type", EVENTS))
            self.send_header("Transfer-Encoding", "chunked")
            self.end_headers()
            for part in reply.body:
                if isinstance(part, int | float):
                    time.sleep(part)
                    continue
                data = part if isinstance(part, bytes) else part.encode()
                self.wfile.write(b"%x\r\n%s\r\n" % (len(data), data))
            self.wfile.write(b"" if reply.cut else b"0\r\n\r\n")
        except OSError:
            self.close_connection = True
        self.close_connection |= reply.cut

    def _send(self, reply: Scripted) -> None:
        if isinstance(reply.body, list):
            self._stream(reply)
            return
        payload = reply.payload
        try:
            self.send_response(reply.status)
            for name, value in {"Content-Type": "application/json", **reply.headers}.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(payload) + (100 if reply.cut else 0)))
            self.end_headers()
            self._write(payload, reply.drip)
        except OSError:
            self.close_connection = True
        if reply.cut:
            self.close_connection = True

    def _write(self, payload: bytes, drip: float) -> None:
        if not drip:
            self.wfile.write(payload)
            return
        for byte in payload:
            self.wfile.write(bytes([byte]))
            time.sleep(drip)

    def log_message(self, *_arguments: Any) -> None:
        """Say nothing: a test's output is its own."""
