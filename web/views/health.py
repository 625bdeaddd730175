"""Is the process alive, and is everything it needs there?"""

from django.conf import settings
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, HttpResponse, JsonResponse
from redis import Redis
from redis.exceptions import RedisError

BROKER_TIMEOUT = 0.5


def process(request: HttpRequest) -> HttpResponse:
    """200 as long as the process answers."""
    return HttpResponse("ok", content_type="text/plain")


def readiness(request: HttpRequest) -> JsonResponse:
    """200 when database, migrations and broker are there, else 503 and which is not."""
    checks = {"database": _has_database(), "migrations": False, "broker": _has_broker()}
    checks["migrations"] = checks["database"] and _is_migrated()
    return JsonResponse(checks, status=200 if all(checks.values()) else 503)


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
