"""Where the time of next + submit goes: `python -m bench.profiling`; prints one JSON document.

Samples of what holds the interpreter in the web processes while raters judge (py-spy, which must be
allowed to look at them: as root, or as whoever started them where the kernel permits it), and what
PostgreSQL counted of every statement. Sampling costs time itself: compare shares, not speeds.
"""

import argparse
import json
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg

from bench.__main__ import MAKE_USER, measured_import
from bench.judging import SLUG, Block, judge_for
from bench.site import ROOT, Site, cpu_of, family, running_site

COUNTED = {
    "shared_preload_libraries": "pg_stat_statements",
    "pg_stat_statements.track_planning": "on",
}
STATEMENTS = """
SELECT calls, total_exec_time, total_plan_time, query FROM pg_stat_statements
ORDER BY total_exec_time + total_plan_time DESC LIMIT %s
"""
OURS = (
    *("api", "annotation", "collection", "config", "generation"),
    *("llm", "releases", "studies", "web", "work"),
)
LONGEST_QUERY = 160
Stack = tuple[str, ...]
"""Frames of one sample, from the process's first to the one at work: `function (file:line)`."""


def main() -> None:
    """One site, raters that judge, and both counts."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--items", type=int, default=10_000)
    parser.add_argument("--seconds", type=int, default=15)
    parser.add_argument("--raters", type=int, default=8)
    parser.add_argument("--top", type=int, default=20, help="rows of each list")
    options = parser.parse_args()
    with running_site(2, COUNTED) as site:
        report = measured(site, options)
    json.dump(report, sys.stdout, indent=1)
    print()


def measured(site: Site, options: argparse.Namespace) -> dict[str, Any]:
    """A block that warms, then the one that counts."""
    site.manage("shell", "-c", MAKE_USER)
    measured_import(site, options.items)
    token = site.manage("create_token", "--user", "bench", "--study", SLUG, "--scope", "manage")
    how: dict[str, Any] = {"raters": options.raters, "wants_next": False}
    with psycopg.connect(site.environment["DATABASE_URL"], autocommit=True) as database:
        database.execute("CREATE EXTENSION pg_stat_statements")
        judge_for(site, token.strip(), seconds=2, **how)
        database.execute("SELECT pg_stat_statements_reset()")
        before = used(site)
        with Sampling(site, options.seconds) as sampling:
            block = judge_for(site, token.strip(), seconds=options.seconds, **how)
        rows = database.execute(STATEMENTS, [options.top]).fetchall()
    done = len(block.judged)
    cpu = {name: round(1000 * (now - before[name]) / done, 2) for name, now in used(site).items()}
    return {
        "next + submit": block.as_row(),
        "CPU ms per judgment": cpu,
        "web, percent of samples": shares(sampling.stacks(), options.top),
        "statements": [statement(row, block) for row in rows],
    }


def used(site: Site) -> dict[str, float]:
    """Seconds of processor time so far."""
    roots = {"web": site.web, "database": site.database}
    return {name: sum(map(cpu_of, family(root))) for name, root in roots.items()}


class Sampling:
    """py-spy beside the web processes for so many seconds."""

    def __init__(self, site: Site, seconds: int) -> None:
        self.path = Path(site.directory) / "stacks"
        where = ["--pid", str(site.web), "--subprocesses", "--output", str(self.path)]
        how = ["--format", "raw", "--rate", "200", "--duration", str(seconds), "--gil"]
        self.command = [str(Path(sys.executable).parent / "py-spy"), "record", *where, *how]

    def __enter__(self) -> "Sampling":
        self.process = subprocess.Popen(
            self.command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True
        )
        return self

    def __exit__(self, *exception: object) -> None:
        _, told = self.process.communicate(timeout=60)
        if self.process.returncode:
            raise SystemExit(f"py-spy could not look at the web processes: {told.strip()}")

    def stacks(self) -> Counter[Stack]:
        """How often each stack was seen at work."""
        found: Counter[Stack] = Counter()
        for line in self.path.read_text().splitlines():
            stack, _, count = line.rpartition(" ")
            found[tuple(stack.split(";"))] += int(count)
        return found


def shares(stacks: Counter[Stack], top: int) -> dict[str, dict[str, float]]:
    """Of all samples in a request: by who was at work, and by who of ours had asked for it."""
    requests = Counter({stack: n for stack, n in stacks.items() if _is_request(stack)})
    whole = max(1, sum(requests.values()))
    counts: dict[str, Counter[str]] = {
        name: Counter() for name in ("at work", "functions at work", "asked by")
    }
    within: Counter[str] = Counter()
    for stack, count in requests.items():
        counts["at work"][_package(stack[-1])] += count
        counts["functions at work"][_without_line(stack[-1])] += count
        own = [frame for frame in stack if _package(frame) in OURS]
        counts["asked by"][_without_line(own[-1]) if own else "nobody of ours"] += count
        within.update(dict.fromkeys(map(_without_line, own), count))
    counts["within"] = within
    return {
        name: {key: round(100 * n / whole, 1) for key, n in counted.most_common(top)}
        for name, counted in counts.items()
    }


def _is_request(stack: Stack) -> bool:
    return any("config/asgi.py" in frame or "a2wsgi" in frame for frame in stack)


def _package(frame: str) -> str:
    """The first folder of a frame's file, seen from the repository or from its libraries."""
    file = frame.rpartition("(")[2].partition(":")[0].rstrip(")")
    for root in (f"{ROOT}/", "site-packages/"):
        file = file.rpartition(root)[2]
    return file.partition("/")[0] or "python"


def _without_line(frame: str) -> str:
    name, _, place = frame.rpartition(" (")
    file = place.partition(":")[0].rstrip(")").removeprefix(f"{ROOT}/")
    return f"{file.rpartition('site-packages/')[2]}: {name}"


def statement(row: tuple[Any, ...], block: Block) -> dict[str, Any]:
    """One statement's cost per judgment, in ms."""
    calls, running, planning, query = row
    done = len(block.judged)
    return {
        "calls per judgment": round(calls / done, 2),
        "ms per judgment": round((running + planning) / done, 3),
        "of which planning": round(planning / done, 3),
        "query": " ".join(_shortened(query)),
    }


def _shortened(query: str) -> Iterator[str]:
    """A statement's words, without the columns it reads."""
    head, middle, tail = query.partition(" FROM ")
    words = f"{head[: LONGEST_QUERY // 4]} …{middle}{tail}" if middle else head
    yield from words[:LONGEST_QUERY].split()


if __name__ == "__main__":
    main()
