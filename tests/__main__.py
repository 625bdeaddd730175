"""`python -m tests`: the suite on PostgreSQL, in a browser, and what must hold on SQLite too.

Further arguments are pytest's. The closing lines sum up all runs. The browser's driver keeps an
event loop running in its process, so whatever runs a loop of its own is tested in another.
"""

import os
import subprocess
import sys
import tempfile
from pathlib import Path
from xml.etree import ElementTree

RUNS = {
    "PostgreSQL": ("postgresql", "not journey"),
    "in a browser": ("postgresql", "journey"),
    "SQLite": ("sqlite", "not journey"),
}
"""What a run is called, its database, and which tests it holds."""
WORKERS = "2"
PORTION = "50"
"""Tests handed to a process at once: few, as the first ones take longest."""


def main(arguments: list[str]) -> int:
    """Run the suite in all three ways; 0 only if all passed."""
    with tempfile.TemporaryDirectory() as directory:
        closing: list[str] = []
        passed = True
        for name, (database, marks) in RUNS.items():
            print(f"\nThe suite: {name}", flush=True)
            report = Path(directory) / f"{len(closing)}.xml"
            passed &= run_suite(database, report, ["-m", marks, *arguments]) == 0
            closing.append(f"{name}: {summary(report)}")
    print("\n" + "\n".join(closing), flush=True)
    return 0 if passed else 1


def run_suite(database: str, report: Path, arguments: list[str]) -> int:
    """One run in a process of its own; returns pytest's exit status."""
    command = [
        sys.executable,
        "-m",
        "pytest",
        "-n",
        WORKERS,
        "--maxschedchunk",
        PORTION,
        f"--junitxml={report}",
    ]
    environment = os.environ | {"TEST_DB": database}
    return subprocess.run([*command, *arguments], env=environment, check=False).returncode


def summary(report: Path) -> str:
    """What one run counted, in the words of pytest's own last line."""
    if not report.exists():
        return "did not run"
    suites = ElementTree.parse(report).getroot().findall("testsuite")
    total = {
        kind: sum(int(suite.get(kind, 0)) for suite in suites)
        for kind in ("tests", "failures", "errors", "skipped")
    }
    seconds = sum(float(suite.get("time", 0)) for suite in suites)
    passed = total["tests"] - total["failures"] - total["errors"] - total["skipped"]
    counts = {
        "failed": total["failures"],
        "passed": passed,
        "skipped": total["skipped"],
        "errors": total["errors"],
    }
    told = ", ".join(f"{n} {word}" for word, n in counts.items() if n or word == "passed")
    return f"{told} in {seconds:.2f}s"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
