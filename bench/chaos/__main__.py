"""A site under fire: `python -m bench.chaos --jobs 10000 --kills 200`; prints one JSON document.

PostgreSQL, Valkey, two web processes, workers, two sweepers and the mock endpoint run as plain
processes on the loopback while a seeded schedule kills, freezes, restarts and cuts them. Exit
status 1 if a promise is broken. The seed draws the blows; when they fall follows the work.
"""

import argparse
import json
import sys
import time

from bench.chaos.ground import LEASE_SECONDS, prepared

FAULTS = "429:0.10,500:0.05,hang:0.02,cut:0.02"


def main() -> None:
    """Burn, count, judge."""
    options = _parser().parse_args()
    manner = (options.faults, options.seed, options.latency_ms)
    with prepared(*manner, lease_seconds=options.lease) as ground:
        import django

        django.setup()
        from bench.chaos.burning import burn

        began = time.monotonic()
        report, faults = burn(ground, options)
        report["seconds"] = round(time.monotonic() - began, 1)
    report = {"seed": options.seed, **report, "broken": faults}
    json.dump(report, sys.stdout, indent=1)
    print()
    sys.exit(1 if faults else 0)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__)
    add = parser.add_argument
    add("--jobs", type=int, default=10_000)
    add("--kills", type=int, default=200, help="of worker processes")
    add("--zombies", type=int, default=12, help="workers frozen for longer than a lease")
    add("--databases", type=int, default=4, help="crashes of PostgreSQL")
    add("--brokers", type=int, default=4, help="kills of Valkey, which keeps nothing")
    add("--flushes", type=int, default=4)
    add("--webs", type=int, default=6)
    add("--sweepers", type=int, default=6)
    add("--toxics", type=int, default=28, help="of the proxies; 28 is each in each place")
    add("--web", type=int, default=2, help="web processes")
    add("--sweeper", type=int, default=2, help="sweepers")
    add("--celery", type=int, default=2, help="workers behind the doorbell")
    add("--pool", type=int, default=2, help="processes of each worker behind the doorbell")
    add("--plain", type=int, default=1, help="workers that need no broker")
    add("--faults", default=FAULTS, help="of the endpoint, by share of requests")
    add("--latency-ms", type=int, default=50, help="of the endpoint")
    add("--pause", type=float, default=0.2, help="seconds between the client's visits")
    add("--lease", type=int, default=LEASE_SECONDS, help="seconds that a job is leased")
    add("--seed", type=int, default=1)
    add("--minutes", type=float, default=90, help="give up after so long")
    return parser


if __name__ == "__main__":
    main()
