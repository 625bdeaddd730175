"""Measure a study of a thousand and of a million items: `python -m bench.scale [--small]`.

Prints one JSON document: next + submit over HTTP, the study's page, the list of studies and the
live export at both sizes, and how much slower the larger one is. Half of its items are judged.
"""

import argparse
import json
import sys
from typing import Any

from bench.races.__main__ import begin
from bench.site import Site, running_site

SMALL = {"sizes": [1_000, 20_000], "seconds": 3}


def main() -> None:
    """One site, on which the studies are made and measured one after the other."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--small", action="store_true", help="a look whether it works")
    parser.add_argument("--sizes", type=int, nargs="+", default=[1_000, 1_000_000])
    parser.add_argument("--seconds", type=float, default=15)
    parser.add_argument("--raters", type=int, default=8)
    parser.add_argument("--workers", type=int, default=2, help="web processes")
    options = parser.parse_args()
    if options.small:
        vars(options).update(SMALL)
    with running_site(options.workers) as site:
        report = measured(site, options)
    json.dump(report, sys.stdout, indent=1)
    print()


def measured(site: Site, options: argparse.Namespace) -> dict[str, Any]:
    """Each size, and the ratio of the last to the first."""
    begin(site.environment)
    from bench.scale import measuring

    visitor = measuring.make_visitor(site)
    report: dict[str, Any] = {}
    for items in options.sizes:
        report[f"{items:,} items"] = measuring.one_size(
            visitor, items, raters=options.raters, seconds=options.seconds
        )
    rates = [size["next + submit"]["per_second"] for size in report.values()]
    report["cycles per second, smallest by largest"] = round(rates[0] / rates[-1], 2)
    return report


if __name__ == "__main__":
    main()
