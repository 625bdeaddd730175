"""Send answers several times at once while web processes are killed: `python -m bench.submits`.

Every answer that was acknowledged must be found once, and revisions must have no gap. Prints one
JSON document.
"""

import argparse
import json
import sys

from bench.races.__main__ import begin
from bench.site import running_site

SMALL = {"answers": 300, "kill_seconds": 3.0}


def main() -> None:
    """One site with web processes that are killed now and then."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--small", action="store_true", help="a look whether it works")
    parser.add_argument("--answers", type=int, default=10_000)
    parser.add_argument("--at-once", type=int, default=16, help="raters")
    parser.add_argument("--kill-seconds", type=float, default=5.0, help="between two kills")
    parser.add_argument("--workers", type=int, default=2, help="web processes")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    if options.small:
        vars(options).update(SMALL)
    with running_site(options.workers) as site:
        begin(site.environment)
        from bench.submits import killing, sending

        report = sending.sent(
            site,
            killing.Draws(site, options.seed),
            count=options.answers,
            at_once=options.at_once,
            seed=options.seed,
            kill_seconds=options.kill_seconds,
        )
    json.dump(report, sys.stdout, indent=1)
    print()


if __name__ == "__main__":
    main()
