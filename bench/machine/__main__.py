"""Measure machine work: `python -m bench.machine [--only throughput memory broker]`.

Prints one JSON document. Everything runs on the loopback, with PostgreSQL's own durable settings,
and the mock endpoint in a process of its own.
"""

import argparse
import json
import sys
from typing import Any

from bench.chaos.ground import prepared

BLOCKS = ("queries", "throughput", "broker", "memory")


def main() -> None:
    """One block after the other, each on ground of its own."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", nargs="+", choices=BLOCKS, default=BLOCKS)
    parser.add_argument("--at-once", type=int, nargs="+", default=[8, 16, 25, 32, 48, 64])
    parser.add_argument("--seconds", type=float, default=15)
    parser.add_argument("--jobs", type=int, default=20_000, help="of the block memory")
    options = parser.parse_args()
    latency = 500 if "throughput" in options.only else 0
    report: dict[str, Any] = {}
    with prepared("", seed=1, latency_ms=latency, has_pages=True) as ground:
        import django

        django.setup()
        from bench.chaos import material
        from bench.machine import broker, memory, throughput

        material.make_user()
        if "queries" in options.only:
            endpoint = material.make_endpoint(ground.model_port)
            for has_budget, name in ((False, "without"), (True, "with")):
                counted = throughput.queries_of_a_job(endpoint, has_budget=has_budget)
                report[f"statements per job {name} a budget"] = counted
        if "throughput" in options.only:
            rows = throughput.measured(ground, options.at_once, options.seconds)
            report["endpoint of 500 ms, 2 worker processes"] = rows
            ground.set_latency(0)
        if "broker" in options.only:
            report["broker"] = broker.measured(ground)
        if "memory" in options.only:
            report["memory of a worker"] = memory.measured(ground, options.jobs)
    json.dump(report, sys.stdout, indent=1)
    print()


if __name__ == "__main__":
    main()
