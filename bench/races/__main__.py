"""Race for places: `python -m bench.races [--small]`; prints one JSON document.

Raters begin at one moment and call the action itself, ten times over; then over HTTP with time to
think; then half of them vanish. Counted by SQL afterwards: every task has exactly N answers.
"""

import argparse
import json
import os
import subprocess
import sys
from typing import Any

from bench.site import ROOT, Site, bare_site, running_site

SMALL = {"times": 2, "raters": 40, "tasks": 30, "lease_minutes": 0.05, "sqlite_raters": 8}


def main() -> None:
    """On PostgreSQL in this process, on SQLite in another: settings are read once."""
    options = options_given()
    if options.sqlite:
        with bare_site() as environment:
            report = on_sqlite(environment, options)
    else:
        with running_site(options.workers) as site:
            report = on_postgresql(site, options)
        report["SQLite"] = in_another_process(options)
    json.dump(report, sys.stdout, indent=1)
    print()


def options_given() -> argparse.Namespace:
    """The size of the race."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--small", action="store_true", help="a look whether it works")
    parser.add_argument("--times", type=int, default=10)
    parser.add_argument("--raters", type=int, default=200)
    parser.add_argument("--sqlite-raters", type=int, default=20)
    parser.add_argument("--tasks", type=int, default=120)
    parser.add_argument("--places", type=int, default=3)
    parser.add_argument("--lease-minutes", type=float, default=1)
    parser.add_argument("--workers", type=int, default=2, help="web processes")
    parser.add_argument(
        "--warm", action="store_true", help="a request per rater before HTTP's race"
    )
    parser.add_argument("--sqlite", action="store_true", help="only this, without the rest")
    options = parser.parse_args()
    if options.small:
        vars(options).update(SMALL)
    return options


def on_postgresql(site: Site, options: argparse.Namespace) -> dict[str, Any]:
    """All three races."""
    begin(site.environment)
    from bench.races import over_http, racing, vanishing

    size = (options.raters, options.tasks, options.places)
    report: dict[str, Any] = {
        "raters, tasks, places": size,
        "by the action": [racing.race(f"race-{n}", *size) for n in range(options.times)],
        "over HTTP, thinking 0 to 2 s": over_http.race(
            site, "thinking", *size, is_warmed=options.warm
        ),
    }
    lease = options.lease_minutes
    report["half of them vanish"] = vanishing.race("vanish", options.raters, options.tasks, lease)
    return report


def on_sqlite(environment: dict[str, str], options: argparse.Namespace) -> dict[str, Any]:
    """The race by the action."""
    begin(environment)
    from bench.races import racing

    size = (options.sqlite_raters, options.tasks, options.places)
    races = [racing.race(f"race-{n}", *size) for n in range(options.times)]
    return {"raters, tasks, places": size, "by the action": races}


def begin(environment: dict[str, str]) -> None:
    """Let this process be one of the site's."""
    os.environ.update(environment)
    import django

    django.setup()


def in_another_process(options: argparse.Namespace) -> Any:
    """The same program with `--sqlite`."""
    chosen = ["--sqlite"]
    for name in ("times", "sqlite_raters", "tasks", "places"):
        chosen += [f"--{name.replace('_', '-')}", str(getattr(options, name))]
    program = [sys.executable, "-m", "bench.races", *chosen]
    done = subprocess.run(program, cwd=ROOT, stdout=subprocess.PIPE, check=True)
    return json.loads(done.stdout)


if __name__ == "__main__":
    main()
