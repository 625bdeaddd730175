"""The web server's entry point.

Pages and API are synchronous: each request runs from its first middleware to its last in one thread
of a pool. Under Django's own ASGI handler every synchronous middleware would be a hop between
threads, and a streamed export would be read to its end before its first byte left. Only what stays
open for minutes and waits for the event loop, by its path, goes there.
"""

import os
from typing import Any, cast

from a2wsgi import WSGIMiddleware
from django.core.asgi import get_asgi_application
from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

THREADS = 12
STREAMS = "/stream/"
"""How the path of a page that stays open ends."""

pages = WSGIMiddleware(cast(Any, get_wsgi_application()), workers=THREADS)
streams: Any = get_asgi_application()


async def application(scope: Any, receive: Any, send: Any) -> None:
    """Hand a request to Django: in a thread, or in the event loop."""
    # Its models can be imported only now that Django is set up.
    from collection.converse.hub import hub_here

    hub_here()  # Whatever thread a message comes in by, this loop fetches the reply.
    if scope["type"] == "http" and scope["path"].endswith(STREAMS):
        await streams(scope, receive, send)
    else:
        await pages(scope, receive, send)
