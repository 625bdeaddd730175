"""How well signals find bad raters: `python -m bench.quality [SEED …] [--http N]`.

Prints one JSON document, seed by seed; `PLAN.md`, written first, says what is simulated and
reported. The first `--http` seeds are also run against a real site over HTTP.
"""

import argparse
import json
import os
import sys
from pathlib import Path
from typing import Any

SEEDS = Path(__file__).parent / "seeds.txt"


def main() -> None:
    """Evaluate as the arguments say."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("seeds", nargs="*", type=int, help="default: the twenty of seeds.txt")
    parser.add_argument("--http", type=int, default=0, help="so many seeds also over HTTP")
    options = parser.parse_args()
    seeds = options.seeds or [int(line) for line in SEEDS.read_text().split()]
    if options.http:
        from bench.quality.over_http import over_http

        report = {"http": [over_http(seed) for seed in seeds[: options.http]]}
    else:
        report = {"seeds": [in_process(seed) for seed in seeds]}
    json.dump(report, sys.stdout, indent=1)
    print()


def in_process(seed: int) -> dict[str, Any]:
    """Both conditions of a seed."""
    import django

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    django.setup()
    from annotation.quality.limits import Limits
    from bench.quality.evaluation import evaluated
    from bench.quality.invented import Size, invented

    sizes = {"with_gold": Size(), "without_gold": Size().without_gold()}
    found = {name: evaluated(invented(seed, size), Limits()) for name, size in sizes.items()}
    return {"seed": seed, **found}


if __name__ == "__main__":
    main()
