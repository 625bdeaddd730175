"""The run itself: needs the settings that the ground has made."""

import argparse
import sys
import time
from typing import Any

from django.db import DatabaseError, connection, connections

from bench.chaos import material
from bench.chaos.client import Client, Journal
from bench.chaos.ground import Ground, populate, wait_for_web
from bench.chaos.schedule import Schedule, Wanted
from bench.chaos.verdict import broken, figures
from work.actions.jobs import revive_dead
from work.models import Job, Run

LOOK_SECONDS = 0.1
PROGRAMS = ("web", "celery", "pool", "plain", "sweeper")
BLOWS = ("kills", "zombies", "databases", "brokers", "flushes", "webs", "sweepers", "toxics")


def burn(ground: Ground, options: argparse.Namespace) -> tuple[dict[str, Any], list[str]]:
    """Let the site work under fire until all is done; what was counted, and what is broken."""
    tokens = material.make_studies(options.jobs)
    material.make_endpoint(ground.proxies["worker-model"].port)
    wanted = Wanted(**{name: getattr(options, name) for name in BLOWS})
    schedule = Schedule(ground, options.jobs, wanted, options.seed)
    try:
        populate(ground, {name: getattr(options, name) for name in PROGRAMS})
        wait_for_web(ground)
        client = Client(ground.web, tokens, options.pause)
        client.start()
        is_over = _watch(ground, schedule, client, options)
        journal = client.stop()
    finally:
        ground.crew.stop()
    report = _report(ground, schedule, journal, options)
    faults = broken(report) + ([] if is_over else ["it was not over in time"])
    if faults:
        print(ground.end_of_logs(), file=sys.stderr)
    return report, faults


def _watch(ground: Ground, schedule: Schedule, client: Client, options: argparse.Namespace) -> bool:
    """Strike and mend until all is done; False if that takes too long."""
    deadline = time.monotonic() + 60 * options.minutes
    while time.monotonic() < deadline:
        ground.crew.tend()
        try:
            done, unfinished = _progress()
            schedule.strike(done)
            if client.has_planned_all() and not unfinished and not _retried(schedule):
                return schedule.is_over
        except DatabaseError:
            connections.close_all()
        time.sleep(LOOK_SECONDS)
    return False


def _progress() -> tuple[int, bool]:
    done = Job.objects.filter(kind=material.KIND, state=Job.State.DONE).count()
    return done, Job.objects.unfinished().exists()


def _retried(schedule: Schedule) -> int:
    """Jobs that were given up because an answer was cut too often get another chance."""
    revived = sum(
        revive_dead(scope, by="chaos", reason="The endpoint cut its answers by intent.")
        for scope in Run.objects.order_by().values_list("scope", flat=True).distinct()
    )
    schedule.struck["jobs revived by hand"] += revived
    return revived


def _report(
    ground: Ground, schedule: Schedule, journal: Journal, options: argparse.Namespace
) -> dict[str, Any]:
    connection.ensure_connection()
    return {
        "struck": dict(sorted(schedule.struck.items())),
        "restarts of programs": ground.crew.restarts(),
        **figures(options.jobs, ground.billed(), journal),
    }
