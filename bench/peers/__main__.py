"""The job that other platforms were measured with: `python -m bench.peers [--small]`.

Text-preference items of about 1.8 kB, one judgment each; the same counts and the same blocks. With
`--peers FOLDER`, or PEERBENCH_RESULTS, the figures of the others' result files stand beside ours;
they are read there and kept nowhere. Prints one JSON document, or a table with `--table`.
"""

import argparse
import json
import os
import sys
from pathlib import Path

from bench.peers import table
from bench.peers.measuring import Sizes, measured

SMALL = Sizes(items=300, big=1_000, seconds=2, rounds=1, raters=(1, 4))


def main() -> None:
    """Measure, or only show what was measured before."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--small", action="store_true", help="a look whether it works")
    parser.add_argument("--items", type=int, default=10_000)
    parser.add_argument("--big", type=int, default=100_000, help="0: leave it out")
    parser.add_argument("--seconds", type=float, default=15, help="of each block")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--raters", type=int, nargs="+", default=[1, 8, 32])
    parser.add_argument("--workers", type=int, default=2, help="web processes")
    parser.add_argument("--out", type=Path, help="keep the result file")
    parser.add_argument("--read", type=Path, help="a result file: measure nothing")
    parser.add_argument("--table", action="store_true", help="print a table in Markdown")
    parser.add_argument("--peers", default=os.environ.get("PEERBENCH_RESULTS", ""))
    options = parser.parse_args()
    sizes = Sizes(
        options.items, options.big, options.seconds, options.rounds, tuple(options.raters)
    )
    if options.read:
        ours = json.loads(options.read.read_text())
    else:
        ours = measured(SMALL if options.small else sizes, options.workers)
    if options.out:
        options.out.write_text(json.dumps(ours, indent=1))
    if options.table:
        print(table.side_by_side(ours, Path(options.peers) if options.peers else None))
    else:
        json.dump(ours, sys.stdout, indent=1)
        print()


if __name__ == "__main__":
    main()
