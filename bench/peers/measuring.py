"""The blocks, in the order and under the names of the result files of the other platforms."""

import http.client
import json
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any

from bench.__main__ import MAKE_USER
from bench.import_export import manage
from bench.judging import bundle_lines, judge_for, quantile
from bench.peers.starting import restarts
from bench.site import Site, cpu_of, family, memory_mb, running_site

SLUG, BIG = "bench", "bench-big"
VISITS = 10


@dataclass(frozen=True, slots=True)
class Sizes:
    """How much is measured."""

    items: int
    big: int
    seconds: float
    rounds: int
    raters: Sequence[int]


def measured(sizes: Sizes, workers: int) -> dict[str, Any]:
    """Everything, on one site that is ended afterwards."""
    result: dict[str, Any] = {"peer": "firsthand", "when": time.strftime("%Y-%m-%dT%H:%M:%S")}
    result["cold"] = restarts(sizes.rounds)
    with running_site(workers) as site:
        site.manage("shell", "-c", MAKE_USER)
        result["import"] = [
            imported(site, f"{SLUG}-{number}", sizes.items) for number in range(sizes.rounds)
        ]
        result |= _judged(site, f"{SLUG}-0", sizes)
        imported(site, f"{SLUG}-full", sizes.items, is_judged=True)
        result["export_full"] = {"JSONL": exports(site, f"{SLUG}-full", sizes.rounds)}
        if sizes.big:
            result["big"] = _big(site, sizes)
    return result


def _judged(site: Site, slug: str, sizes: Sizes) -> dict[str, Any]:
    """Cycles by 1, 8, 32 raters in both ways, and what became of every answer."""
    token, accepted = token_for(site, slug), Counter[str]()
    found: dict[str, Any] = {}
    for name, wants_next in (("cycle", False), ("cycle_in_one_request", True)):
        found[name] = {
            str(raters): [
                cycles(site, token, slug, raters, sizes.seconds, accepted, wants_next=wants_next)
                for _ in range(sizes.rounds)
            ]
            for raters in sizes.raters
        }
    stored = Counter(row["item"] for row in rows_of(site, token, slug))
    found["duplicates"] = {
        "annotated_by_2plus": sum(count > 1 for count in accepted.values()),
        "accepted": sum(accepted.values()),
    }
    found["verify"] = {
        "accepted": len(accepted),
        "in_export": len(stored),
        "lost": len(accepted.keys() - stored.keys()),
        "repeated_rows": sum(count != QUESTIONS for count in stored.values()),
    }
    return found


QUESTIONS = 2
"""Rows of the judgments table per answer: a choice and a rating."""


def cycles(
    site: Site,
    token: str,
    slug: str,
    raters: int,
    seconds: float,
    accepted: Counter[str],
    *,
    wants_next: bool = False,
) -> dict[str, Any]:
    """One timed block."""
    web, database = cpu_seconds(site.web), cpu_seconds(site.database)
    block = judge_for(site, token, raters=raters, seconds=seconds, wants_next=wants_next, slug=slug)
    accepted.update(block.judged)
    return {
        "clients": raters,
        "done": len(block.judged),
        "per_s": round(len(block.judged) / block.seconds, 2),
        "next": times(block.next_ms),
        "submit": times(block.submit_ms),
        "errors": dict(block.errors),
        "wall_s": round(block.seconds, 3),
        "server_cpu_s": round(cpu_seconds(site.web) - web, 2),
        "db_cpu_s": round(cpu_seconds(site.database) - database, 2),
    }


def token_for(site: Site, slug: str) -> str:
    """A program's key to one study."""
    chosen = ("--user", "bench", "--study", slug, "--scope", "manage")
    return site.manage("create_token", *chosen).strip()


def cpu_seconds(root: int) -> float:
    """Of a process and all below it."""
    return sum(cpu_of(pid) for pid in family(root))


def times(values: list[float]) -> dict[str, float]:
    """Quantiles in milliseconds."""
    parts = {"p50": 0.5, "p95": 0.95, "p99": 0.99, "max": 1.0}
    return {"n": len(values), **{name: quantile(values, part) for name, part in parts.items()}}


def imported(site: Site, slug: str, items: int, *, is_judged: bool = False) -> dict[str, Any]:
    """Items through `import_data`, its start-up included; a row is an item with its texts."""
    path = Path(site.directory) / f"{slug}.jsonl"
    with path.open("w", encoding="utf-8") as file:
        for line in lines_of(slug, items, is_judged=is_judged):
            file.write(json.dumps(line) + "\n")
    database = cpu_seconds(site.database)
    used = manage(site.environment, "import_data", "--study", slug, "--create", str(path))
    return {
        "rows": items,
        "rows_s": round(items / used["seconds"], 1),
        "wall_s": used["seconds"],
        "peak_rss_mb": used["memory_mb"],
        "db_cpu_s": round(cpu_seconds(site.database) - database, 2),
    }


def lines_of(slug: str, items: int, *, is_judged: bool) -> Iterator[dict[str, Any]]:
    """The bundle, with an answer to every item if asked for."""
    for line in bundle_lines(items, slug=slug):
        yield line
        if is_judged and line["kind"] == "item":
            yield {
                "kind": "judgment",
                "id": f"j-{line['id']}",
                "item": line["id"],
                "rater": "w0",
                "role": "peer",
                "answers": {"preference": "a", "rating": 3},
            }
    if is_judged:
        yield {"kind": "rater", "id": "w0", "rater_kind": "human"}


def exports(site: Site, slug: str, rounds: int) -> dict[str, Any]:
    """The live table of judgments as lines of JSON, some times."""
    token = token_for(site, slug)
    runs = [_exported(site, token, slug) for _ in range(rounds)]
    return {
        "runs": runs,
        "median_total_s": median(run["total"] for run in runs),
        "median_ttfb_s": median(run["ttfb"] for run in runs),
        "max_rss_growth_mb": max(run["rss_growth_mb"] for run in runs),
    }


def _exported(site: Site, token: str, slug: str) -> dict[str, float]:
    before, began = memory_of(site), time.monotonic()
    answer = _asked(site, token, f"/api/v1/studies/{slug}/export/judgments.jsonl")
    size = len(answer.read(1))
    first = time.monotonic() - began
    while part := answer.read(1 << 20):
        size += len(part)
    total = time.monotonic() - began
    grown = round(memory_of(site) - before, 1)
    return {"ttfb": first, "total": total, "bytes": size, "rss_growth_mb": grown}


def rows_of(site: Site, token: str, slug: str) -> Iterator[dict[str, Any]]:
    """The same, read."""
    answer = _asked(site, token, f"/api/v1/studies/{slug}/export/judgments.jsonl")
    for line in answer.read().splitlines():
        yield json.loads(line)


def _asked(site: Site, token: str, path: str) -> http.client.HTTPResponse:
    connection = http.client.HTTPConnection("127.0.0.1", site.port, timeout=600)
    connection.request("GET", path, headers={"Authorization": f"Bearer {token}"})
    answer = connection.getresponse()
    if answer.status != 200:
        raise SystemExit(f"{path} answered {answer.status}")
    return answer


def memory_of(site: Site) -> float:
    """Proportional memory of the web processes, in megabytes."""
    return sum(memory_mb(pid) for pid in family(site.web))


def _big(site: Site, sizes: Sizes) -> dict[str, Any]:
    """The same at the large size: once each."""
    arriving = imported(site, BIG, sizes.big, is_judged=False)
    raters = [number for number in sizes.raters if number in (1, 8)] or sizes.raters[:1]
    token, judged = token_for(site, BIG), Counter[str]()
    blocks = {str(n): [cycles(site, token, BIG, n, sizes.seconds, judged)] for n in raters}
    imported(site, f"{BIG}-full", sizes.big, is_judged=True)
    return {
        "import": arriving,
        "cycle": blocks,
        "dashboards": {"studies_api": _visits(site, token, "/api/v1/studies/")},
        "export": {"JSON": exports(site, f"{BIG}-full", 1)},
    }


def _visits(site: Site, token: str, path: str) -> dict[str, float]:
    spent = []
    for _ in range(VISITS + 1):
        began = time.monotonic()
        _asked(site, token, path).read()
        spent.append(1000 * (time.monotonic() - began))
    return times(spent[1:])
