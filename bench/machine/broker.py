"""What people notice of a broker that refuses, is silent, or forgets: nothing but some patience."""

import os
import statistics
import time
from http.client import HTTPConnection
from typing import Any
from urllib.parse import urlsplit

import redis

from bench.chaos import material
from bench.chaos.ground import Ground, wait_for_web
from bench.machine.throughput import plan_jobs
from bench.site import free_port
from studies.actions.tokens import create_token
from studies.models import Study, User
from work.models import Job

VISITS = 60
JOBS = 60
SLUG = "broker"
PATIENCE_SECONDS = 180.0
TROUBLES = ("down", "timeout")
NAMES = {"down": "refused", "timeout": "black-holed"}


def measured(ground: Ground) -> dict[str, Any]:
    """Milliseconds of a page and of API calls while all is well and in each trouble."""
    endpoint = material.make_endpoint(ground.model_port)
    material.make_study(SLUG, 1)
    token = create_token(
        user=User.objects.get(username=material.USER),
        study=Study.objects.get(slug=SLUG),
        scope="manage",
    )
    _start(ground)
    try:
        wait_for_web(ground)
        report = {"well": _visits(ground, token)}
        for trouble in TROUBLES:
            report[NAMES[trouble]] = _in_trouble(ground, token, trouble)
        report["flushed"] = _flushed(ground, token)
        for number, name in enumerate([*NAMES.values(), "flushed", "well again"]):
            report[f"{JOBS} jobs, {name}"] = _work(ground, name, f"jobs-{number}", endpoint)
    finally:
        ground.crew.stop()
        ground.crew.members.clear()
    return report


def _start(ground: Ground) -> None:
    """One web process and one worker behind the doorbell, both reaching Valkey by the proxy."""
    proxy = ground.proxies["worker-broker"]
    own = dict(os.environ) | {"REDIS_URL": f"redis://127.0.0.1:{proxy.port}/0"}
    port = str(free_port())
    ground.web.append(f"http://127.0.0.1:{port}")
    ground.crew.add("web", own | {"PORT": port, "RATE_LIMITS": "true"}, "-m", "config.server")
    command = ("-m", "celery", "-A", "config.celery", "worker", "-c", "2", "--loglevel", "ERROR")
    ground.crew.add("celery", own, *command, "--without-gossip", "--without-mingle")
    ground.crew.add("sweeper", own, "manage.py", "sweep")


def _in_trouble(ground: Ground, token: str, trouble: str) -> dict[str, float]:
    ground.proxies["worker-broker"].poison(trouble)
    try:
        return _visits(ground, token)
    finally:
        ground.proxies["worker-broker"].heal()


def _flushed(ground: Ground, token: str) -> dict[str, float]:
    _flush(ground)
    return _visits(ground, token)


def _flush(ground: Ground) -> None:
    client = redis.Redis(unix_socket_path=str(ground.broker.socket))
    client.flushall()
    client.close()


def _visits(ground: Ground, token: str) -> dict[str, float]:
    """Median and longest of the sign-in page, of a sign-in refused, and of an API call."""
    bearer = {"Authorization": f"Bearer {token}"}
    acts = {
        "page": ("GET", "/accounts/login/", {}),
        "API": ("GET", f"/api/v1/studies/{SLUG}/runs/", bearer),
        "API, planning": ("POST", f"/api/v1/studies/{SLUG}/runs/", bearer),
    }
    told: dict[str, float] = {}
    for name, (method, path, headers) in acts.items():
        took = [_visit(ground.web[0], method, path, headers) for _ in range(VISITS)]
        told[f"{name}, median ms"] = round(statistics.median(took), 1)
        told[f"{name}, longest ms"] = round(max(took), 1)
    return told


def _visit(url: str, method: str, path: str, headers: dict[str, str]) -> float:
    body = b'{"kind": "extraction", "endpoint": "under-fire"}' if method == "POST" else None
    began = time.monotonic()
    connection = HTTPConnection(urlsplit(url).netloc, timeout=60)
    try:
        connection.request(method, path, body, {"Content-Type": "application/json"} | headers)
        answer = connection.getresponse()
        answer.read()
    finally:
        connection.close()
    if answer.status >= 500:
        raise SystemExit(f"{method} {path} was answered {answer.status}.")
    return 1000 * (time.monotonic() - began)


def _work(ground: Ground, name: str, slug: str, endpoint: Any) -> dict[str, float]:
    """Seconds until jobs planned in this trouble are done, and how many were lost."""
    trouble = next((kind for kind, called in NAMES.items() if called == name), None)
    proxy = ground.proxies["worker-broker"]
    if trouble:
        proxy.poison(trouble)
    if name == "flushed":
        _flush(ground)
    began = time.monotonic()
    plan_jobs(slug, JOBS, endpoint)
    ours = Job.objects.filter(scope=f"study:{slug}", kind=material.KIND)
    while ours.unfinished().exists() and time.monotonic() - began < PATIENCE_SECONDS:
        time.sleep(0.1)
    proxy.heal()
    done = ours.filter(state=Job.State.DONE).count()
    return {"seconds": round(time.monotonic() - began, 1), "lost": JOBS - done}
