"""The web server's entry point.

Pages and API are synchronous: each request runs from its first middleware to its last in one thread
of a pool. Under Django's own ASGI handler every synchronous middleware would be a hop between
threads, and a streamed export would be read to its end before its first byte left. Only what stays
open for minutes and waits for the event loop, by its path, goes there.
"""

import os
import re
from typing import Any, cast

from a2wsgi import WSGIMiddleware
from django.core.asgi import get_asgi_application
from django.core.wsgi import get_wsgi_application

from config.unread import Exchange, is_large, sends_body

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

QUICK, LONG = 4, 8
"""Threads. More than a few at short work only take the interpreter from each other: twelve stored
109 judgments a second of 8 raters, four 136 to 161 (docs/measurements.md)."""
TAKES_LONG = re.compile(
    r"/(agreement|download|export|files|import|judges|(flagged-)?raters|releases)/"
)
"""Paths of what may take seconds: it has threads of its own, so that no page waits for them."""
STREAMS = "/stream/"
"""How the path of a page that stays open ends."""


def _load_for_visitors() -> None:
    # It can be imported only now that Django is set up. Done before the first thread is started:
    # several that load the same modules at once would wait for each other.
    from config import warming

    warming.load()


wsgi = cast(Any, get_wsgi_application())
_load_for_visitors()
pages = WSGIMiddleware(wsgi, workers=QUICK)
long_work = WSGIMiddleware(wsgi, workers=LONG)
streams: Any = get_asgi_application()


def may_take_long(scope: Any) -> bool:
    """By its path, or by how much is sent: who sends much may send slowly."""
    return is_large(dict(scope["headers"])) or TAKES_LONG.search(scope["path"]) is not None


async def application(scope: Any, receive: Any, send: Any) -> None:
    """Hand a request to Django: in a thread, or in the event loop."""
    # Its models can be imported only now that Django is set up.
    from collection.converse.hub import hub_here

    hub_here()  # Whatever thread a message comes in by, this loop fetches the reply.
    if scope["type"] == "http" and sends_body(headers := dict(scope["headers"])):
        exchange = Exchange(headers, receive, send)
        receive, send = exchange.receive, exchange.send
    if scope["type"] == "http" and scope["path"].endswith(STREAMS):
        await streams(scope, receive, send)
    elif scope["type"] == "http" and may_take_long(scope):
        await long_work(scope, receive, send)
    else:
        await pages(scope, receive, send)
