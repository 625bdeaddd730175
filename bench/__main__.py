"""Measure the site: `python -m bench [--items N] [--seconds S]`; prints one JSON document.

Everything runs on loopback, bounded in count and time, and is ended afterwards.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections import Counter
from pathlib import Path
from typing import Any

from bench import donating, import_export, redaction, streams
from bench.judging import SLUG, bundle_lines, judge_for
from bench.site import ROOT, Site, family, free_port, memory_mb, running_site


def main() -> None:
    """Import, judge, export; then say what was measured."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--items", type=int, default=10_000)
    parser.add_argument("--seconds", type=float, default=10)
    parser.add_argument("--raters", type=int, nargs="+", default=[1, 8, 32])
    parser.add_argument("--workers", type=int, default=2, help="web processes")
    options = parser.parse_args()
    report: dict[str, Any] = {}
    try:
        with running_site(options.workers) as site:
            report |= measure(site, options)
        report["bundle of 100,000 lines"] = import_export.measured_anew(100_000)
        report["donated ChatGPT export of 50 MB"] = donating.measured_anew(50)
        report["search for personal data"] = redaction.measured(8)
        report["live conversations"] = streams.measured()
        report["warm start, seconds"] = warm_start()
    finally:  # what was measured is not lost with what could not be
        json.dump(report, sys.stdout, indent=1)
        print()


def warm_start() -> float:
    """Seconds from `manage.py up` to the READY line, the second time on one folder."""
    with tempfile.TemporaryDirectory(prefix="fh-", dir="/tmp") as directory:
        environment = {
            "PATH": os.environ["PATH"],
            "HOME": os.environ.get("HOME", "/"),
            "DATA_DIR": directory,
        }
        _start(environment | {"PORT": str(free_port())})
        return _start(environment | {"PORT": str(free_port())})


def _start(environment: dict[str, str]) -> float:
    began = time.monotonic()
    site = subprocess.Popen(
        [sys.executable, "manage.py", "up", "--bound"],
        cwd=ROOT,
        env=environment,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert site.stdout is not None
        ready = site.stdout.readline()
        if not ready.startswith("READY "):
            raise SystemExit("manage.py up did not come up")
        return round(time.monotonic() - began, 1)
    finally:
        site.terminate()
        site.wait()


def measure(site: Site, options: argparse.Namespace) -> dict[str, Any]:
    """All blocks, one after the other, on one site."""
    site.manage("shell", "-c", MAKE_USER)
    report: dict[str, Any] = {"items": options.items, "web_processes": options.workers}
    report["import"] = measured_import(site, options.items)
    token = site.manage("create_token", "--user", "bench", "--study", SLUG, "--scope", "manage")
    judged: Counter[str] = Counter()
    for raters in options.raters:
        for wants_next in (False, True):
            block = judge_for(
                site, token.strip(), raters=raters, seconds=options.seconds, wants_next=wants_next
            )
            judged.update(block.judged)
            way = "submit answers with next" if wants_next else "next, then submit"
            report[f"{raters} raters, {way}"] = block.as_row()
    report["judged twice"] = sum(count > 1 for count in judged.values())
    report["export"] = measured_export(site, token.strip(), sum(judged.values()))
    report["memory_mb"] = round(sum(memory_mb(pid) for pid in family(site.web)))
    return report


MAKE_USER = (
    "from studies.models import User; "
    "User.objects.create_superuser('bench', password='for measuring only')"
)


def measured_import(site: Site, items: int) -> dict[str, Any]:
    """Rows per second of `import_data`, start-up of the command included."""
    path = Path(site.directory) / "bench.jsonl"
    with path.open("w", encoding="utf-8") as file:
        rows = sum(bool(file.write(json.dumps(line) + "\n")) for line in bundle_lines(items))
    began = time.monotonic()
    site.manage("import_data", "--study", SLUG, "--format", "bundle", "--create", str(path))
    seconds = time.monotonic() - began
    return {"rows": rows, "seconds": round(seconds, 2), "rows_per_second": round(rows / seconds)}


def measured_export(site: Site, token: str, judgments: int) -> dict[str, Any]:
    """First byte and whole of the judgments table as JSONL."""
    request = urllib.request.Request(
        f"{site.url}/api/v1/studies/{SLUG}/export/judgments.jsonl",
        headers={"Authorization": f"Bearer {token}"},
    )
    began = time.monotonic()
    with urllib.request.urlopen(request, timeout=300) as answer:
        first = answer.read(1)
        first_ms = 1000 * (time.monotonic() - began)
        rows = (first + answer.read()).count(b"\n")
    seconds = time.monotonic() - began
    return {
        "rows": rows,
        "judgments": judgments,
        "seconds": round(seconds, 3),
        "first_byte_ms": round(first_ms, 1),
        "rows_per_second": round(rows / seconds),
    }


if __name__ == "__main__":
    main()
