"""Plain requests to the mock endpoint, as any program could make them."""

import http.client
import json
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit


@dataclass(frozen=True)
class Heard:
    """What came back."""

    status: int
    headers: dict[str, str]
    body: str

    @property
    def value(self) -> Any:
        """The body's JSON."""
        return json.loads(self.body)


def say(url: str, path: str, body: Any = None, **headers: str) -> Heard:
    """POST `body` as JSON, or GET without one; names of headers take `_` for `-`."""
    address = urlsplit(url)
    connection = http.client.HTTPConnection(address.hostname or "", address.port, timeout=5)
    sent = None if body is None else json.dumps(body)
    given = {name.replace("_", "-"): value for name, value in headers.items()}
    try:
        connection.request("GET" if body is None else "POST", path, sent, given)
        answer = connection.getresponse()
        return Heard(answer.status, dict(answer.getheaders()), answer.read().decode())
    finally:
        connection.close()


def ask(url: str, content: str = "How good?", **headers: str) -> Heard:
    """One chat completion."""
    messages = [{"role": "user", "content": content}]
    return say(url, "/v1/chat/completions", {"model": "m", "messages": messages}, **headers)
