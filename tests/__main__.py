"""`python -m tests`: the suite on PostgreSQL, in a browser, and what must hold on SQLite too.

Further arguments are pytest's. The closing lines sum up all runs. The browser's driver keeps an
event loop running in its process, so whatever runs a loop of its own is tested in another.
"""

import os
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree

FAILED = ("--last-failed", "--last-failed-no-failures", "none")
AGAIN = ", once more"
PORTION = "50"
"""Tests handed to a process at once: few, as the first ones take longest."""


@dataclass(frozen=True)
class Suite:
    """One run of pytest: what it is called, its database, which tests it holds, its processes."""

    name: str
    database: str
    marks: str
    workers: int


SUITES = (
    Suite("PostgreSQL", "postgresql", "not journey", 2),
    Suite("in a browser", "postgresql", "journey", 2),
    Suite("SQLite", "sqlite", "not journey", 2),
)
"""One after the other."""


def main(arguments: list[str]) -> int:
    """Run the suite in all three ways; 0 only if all passed."""
    with tempfile.TemporaryDirectory() as folder:
        directory = Path(folder)
        statuses = [run(suite, directory, arguments) for suite in SUITES]
        closing = [line for suite in SUITES for line in summaries(suite, directory)]
    print("\n" + "\n".join(closing), flush=True)
    return 0 if not any(statuses) else 1


def run(suite: Suite, directory: Path, arguments: list[str]) -> int:
    """One run in processes of its own; pytest's exit status."""
    print(f"\nThe suite: {suite.name}", flush=True)
    command, environment = command_of(suite, directory, arguments), environment_of(suite)
    status = subprocess.run(command, env=environment, check=False).returncode
    if status != 1 or suite.marks != "journey":
        return status
    # A browser on a busy machine is late now and then; what is broken is so again.
    print("\nOnce more, what failed in a browser", flush=True)
    report = f"--junitxml={report_of(suite, directory, AGAIN)}"
    again = [sys.executable, "-m", "pytest", *FAILED, report, "-m", suite.marks, *arguments]
    return subprocess.run(again, env=environment, check=False).returncode


def command_of(suite: Suite, directory: Path, arguments: list[str]) -> list[str]:
    """What runs it, in processes of its own."""
    spread = ["-n", str(suite.workers), "--maxschedchunk", PORTION]
    report = f"--junitxml={report_of(suite, directory)}"
    return [sys.executable, "-m", "pytest", *spread, report, "-m", suite.marks, *arguments]


def report_of(suite: Suite, directory: Path, time: str = "") -> Path:
    """Where pytest counts what it ran, at first or once more."""
    return directory / f"{suite.name}{time}.xml"


def environment_of(suite: Suite) -> dict[str, str]:
    """Ours, and its database. Bytecode is kept: each process would compile every test anew."""
    kept = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    return kept | {"TEST_DB": suite.database}


def summaries(suite: Suite, directory: Path) -> list[str]:
    """Its closing lines: one, and another where something was tried once more."""
    reports = {time: report_of(suite, directory, time) for time in ("", AGAIN)}
    return [
        f"{suite.name}{time}: {summary(report)}"
        for time, report in reports.items()
        if not time or report.exists()
    ]


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
