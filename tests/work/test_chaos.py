"""A whole site under fire, in small: 500 jobs, 20 kills, PostgreSQL and Valkey crash once each."""

import json
import subprocess
import sys
from collections.abc import Callable
from typing import Any

import pytest

from tests.site import ROOT

SMALL = {
    "jobs": 500,
    "kills": 20,
    "zombies": 1,
    "databases": 1,
    "brokers": 1,
    "flushes": 1,
    "webs": 0,
    "sweepers": 0,
    "toxics": 2,
    "web": 1,
    "sweeper": 1,
    # Most kills fall on pools, whose processes are forked: whole programs take seconds to start.
    "celery": 1,
    "pool": 4,
    "plain": 1,
    "latency-ms": 20,
    # So many that no minute's allowance of repeated requests has to be waited for at the end.
    "faults": "429:0.05,500:0.03,hang:0.01,cut:0.01",
    "pause": 0.5,
    # What a killed worker held is waited for so long; no call takes longer than four.
    "lease": 5,
    "minutes": 15,
}


@pytest.mark.chaos
def test_site_under_fire_loses_and_doubles_nothing(
    record_property: Callable[[str, object], None],
) -> None:
    options = [part for name, value in SMALL.items() for part in (f"--{name}", str(value))]
    command = [sys.executable, "-m", "bench.chaos", *options]

    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)

    assert done.returncode == 0, done.stdout + done.stderr
    report: dict[str, Any] = json.loads(done.stdout)
    assert report["struck"]["worker kills"] == SMALL["kills"]
    told = ("jobs", "billed", "extra billed", "may explain extra", "seconds")
    record_property("chaos", {name: report[name] for name in told})
