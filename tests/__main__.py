"""`python -m tests`: the whole suite on PostgreSQL, then what must hold on SQLite too.

Further arguments are pytest's. The closing lines sum up both runs.
"""

import os
import subprocess
import sys
import tempfile
from pathlib import Path
from xml.etree import ElementTree

DATABASES = {"PostgreSQL": "postgresql", "SQLite": "sqlite"}
WORKERS = "2"


def main(arguments: list[str]) -> int:
    """Run the suite on each database; 0 only if both runs passed."""
    with tempfile.TemporaryDirectory() as directory:
        closing, passed = [], True
        for name, database in DATABASES.items():
            print(f"\nThe suite on {name}", flush=True)
            report = Path(directory) / f"{database}.xml"
            passed &= run_suite(database, report, arguments) == 0
            closing.append(f"{name}: {summary(report)}")
    print("\n" + "\n".join(closing), flush=True)
    return 0 if passed else 1


def run_suite(database: str, report: Path, arguments: list[str]) -> int:
    """One run in a process of its own; returns pytest's exit status."""
    command = [sys.executable, "-m", "pytest", "-n", WORKERS, f"--junitxml={report}"]
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
