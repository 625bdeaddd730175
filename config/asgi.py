"""The web server's entry point.

Pages and API are synchronous: each request runs from its first middleware to its last in one thread
of a pool. Under Django's own ASGI handler every synchronous middleware would be a hop between
threads, and a streamed export would be read to its end before its first byte left.
"""

import os
from typing import Any, cast

from a2wsgi import WSGIMiddleware
from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

THREADS = 12

application = WSGIMiddleware(cast(Any, get_wsgi_application()), workers=THREADS)
