"""Is the process alive, is everything it needs there, and how is the site doing?"""

import secrets

from django.conf import settings
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from redis import Redis
from redis.exceptions import RedisError

BROKER_TIMEOUT = 0.5
LOOPBACK = ("127.0.0.1", "::1")
FORWARDED = ("X-Forwarded-For", "Forwarded", "Via")
METRICS_TYPE = "text/plain; version=0.0.4; charset=utf-8"


def process(request: HttpRequest) -> HttpResponse:
    """200 as long as the process answers."""
    return HttpResponse("ok", content_type="text/plain")


def readiness(request: HttpRequest) -> JsonResponse:
    """200 when database, migrations and broker are there, else 503 and which is not."""
    checks = {"database": _has_database(), "migrations": False, "broker": _has_broker()}
    checks["migrations"] = checks["database"] and _is_migrated()
    return JsonResponse(checks, status=200 if all(checks.values()) else 503)


def metrics(request: HttpRequest) -> HttpResponse:
    """The figures for a monitor; for anybody else there is nothing here."""
    if not _is_monitor(request):
        raise Http404
    # The library takes some time to import, which a web process needs only here.
    from web.metrics import as_text

    return HttpResponse(as_text(), content_type=METRICS_TYPE)


def _is_monitor(request: HttpRequest) -> bool:
    """Who has the token; where there is none, who asks from this machine, and not for others."""
    if settings.METRICS_TOKEN:
        wanted = f"Bearer {settings.METRICS_TOKEN}".encode()
        return secrets.compare_digest(request.headers.get("Authorization", "").encode(), wanted)
    if any(name in request.headers for name in FORWARDED):
        return False
    return request.META.get("REMOTE_ADDR") in LOOPBACK


def _has_database() -> bool:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError:
        return False
    return True


def _is_migrated() -> bool:
    executor = MigrationExecutor(connection)
    return not executor.migration_plan(executor.loader.graph.leaf_nodes())


def _has_broker() -> bool:
    """Does the server behind the queue and the cache answer?"""
    address: str = settings.CACHES["default"]["LOCATION"]
    client = Redis.from_url(
        address, socket_connect_timeout=BROKER_TIMEOUT, socket_timeout=BROKER_TIMEOUT
    )
    try:
        return bool(client.ping())
    except RedisError:
        return False
    finally:
        client.close()
