"""Measure import and export: `python -m bench.import_export [--lines N]`; prints JSON.

A bundle of pairwise judgments goes into a fresh PostgreSQL by `manage.py import_data` and out by
`manage.py export`; printed are lines per second, processor time and peak memory of each whole
process, its start included. On a machine that others use only processor time compares.
"""

import argparse
import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tests.servers import PostgresServer, short_directory

LINES_PER_ITEM = 5
WORDS = "a plain answer of the usual length that says what it has to say and then stops "
DOCUMENT = {
    "slug": "bench",
    "title": {"en": "Bench"},
    "stages": {
        "response": {
            "overlap": {"peer": 1},
            "rubric": {
                "version": 1,
                "questions": [
                    {
                        "key": "preference",
                        "kind": "pairwise",
                        "scale": "nominal",
                        "options": [
                            {"value": "1", "favours": "first", "label": {"en": "The first"}},
                            {"value": "2", "favours": "second", "label": {"en": "The second"}},
                        ],
                        "wording": {"peer": {"en": "Which answer is better?"}},
                    }
                ],
            },
        }
    },
}


def main() -> None:
    """Import, export, and say how fast and in how much memory."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--lines", type=int, default=100_000)
    options = parser.parse_args()
    json.dump(measured_anew(options.lines), sys.stdout, indent=1)
    print()


def measured_anew(lines: int) -> dict[str, Any]:
    """On a PostgreSQL of its own, ended afterwards."""
    with short_directory() as directory:
        server = PostgresServer(directory / "pg")
        server.start()
        try:
            return measured(directory, server.url(), lines)
        finally:
            server.stop()


def measured(directory: Path, url: str, lines: int) -> dict[str, Any]:
    """The figures of both ways."""
    bundle = directory / "bundle.jsonl"
    count = write(bundle, lines // LINES_PER_ITEM)
    environment = os.environ | {"DATABASE_URL": url, "DATA_DIR": str(directory / "data")}
    manage(environment, "migrate", "-v", "0")
    idle = manage(environment, "showmigrations", "studies")
    coming = manage(environment, "import_data", "--study", "bench", "--create", str(bundle))
    going = manage(environment, "export", "--study", "bench", "--out", str(directory / "out"))
    return {
        "lines": count,
        "megabytes": round(bundle.stat().st_size / 1e6, 1),
        "an idle command": idle,
        "import": coming | {"lines_per_second": round(count / coming["seconds"])},
        "export": going | {"lines_per_second": round(count / going["seconds"])},
    }


def manage(environment: dict[str, str], *arguments: str) -> dict[str, float]:
    """Run a command to its end; its wall clock seconds and its peak memory."""
    began = time.perf_counter()
    process = subprocess.Popen(
        [sys.executable, "manage.py", *arguments], env=environment, stdout=subprocess.DEVNULL
    )
    _, status, usage = os.wait4(process.pid, 0)
    if status:
        raise SystemExit(f"manage.py {arguments[0]} failed")
    seconds = round(time.perf_counter() - began, 2)
    return {
        "seconds": seconds,
        "cpu_seconds": round(usage.ru_utime + usage.ru_stime, 2),
        "memory_mb": round(usage.ru_maxrss / 1024),
    }


def write(path: Path, items: int) -> int:
    """The bundle, and how many lines it has; the judgments come first, as order is nothing."""
    count = 0
    with path.open("w") as file:
        for record in records(items):
            file.write(json.dumps(record) + "\n")
            count += 1
    return count


def records(items: int) -> Iterator[dict[str, Any]]:
    """Items of about 1.8 kB with one judgment each."""
    yield {"kind": "study", "id": "s", "document": DOCUMENT}
    for n in range(items):
        yield {
            "kind": "judgment",
            "id": f"j{n}",
            "item": f"i{n}",
            "rater": f"w{n % 100}",
            "role": "peer",
            "answers": {"preference": "12"[n % 2]},
            "order": [f"r{n}-1", f"r{n}-2"],
            "submitted_at": "2026-01-31T12:00:00Z",
            "seconds": 12.4,
        }
        responses = [f"r{n}-1", f"r{n}-2"]
        yield {
            "kind": "item", "id": f"i{n}", "stage": "response", "prompt": f"q{n}",
            "responses": responses,
        }  # fmt: skip
        for ref in responses:
            yield {
                "kind": "response", "id": ref, "prompt": f"q{n}", "model": "m",
                "text": f"{n} {WORDS * 10}",
            }  # fmt: skip
        yield {"kind": "prompt", "id": f"q{n}", "text": f"{n} {WORDS * 2}"}
    for n in range(min(items, 100)):
        yield {"kind": "rater", "id": f"w{n}", "rater_kind": "human"}


if __name__ == "__main__":
    main()
