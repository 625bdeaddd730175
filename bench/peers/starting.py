"""How long `manage.py up` takes on data that is there, and what its processes hold when idle."""

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import median
from typing import Any

from bench.site import ROOT, family, free_port, memory_mb

SETTLING_SECONDS = 5


def restarts(rounds: int) -> dict[str, Any]:
    """Once on an empty folder, then some times on the same; every process by its name."""
    with tempfile.TemporaryDirectory(prefix="fh-", dir="/tmp") as directory:
        first = started(directory)
        warm = [started(directory) for _ in range(rounds)]
    return {
        "first_empty_s": first["s"],
        "warm": warm,
        "median_s": median(one["s"] for one in warm),
        "pss_mb": median(one["pss_mb"] for one in warm),
    }


def started(directory: str) -> dict[str, Any]:
    """One start, to its READY line, and its memory once it has settled."""
    own = {"PATH": os.environ["PATH"], "HOME": os.environ.get("HOME", "/")}
    environment = own | {"DATA_DIR": directory, "PORT": str(free_port())}
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
        if not site.stdout.readline().startswith("READY "):
            raise SystemExit("manage.py up did not come up")
        seconds = time.monotonic() - began
        time.sleep(SETTLING_SECONDS)
        processes = {
            f"{name_of(pid)} ({pid})": round(memory_mb(pid), 1) for pid in family(site.pid)
        }
    finally:
        site.terminate()
        site.wait()
    whole = round(sum(processes.values()), 1)
    return {"s": round(seconds, 2), "pss_mb": whole, "processes": processes}


def name_of(pid: int) -> str:
    """What a process was started as."""
    try:
        words = Path(f"/proc/{pid}/cmdline").read_bytes().decode(errors="replace").split("\0")
    except OSError:
        return "gone"
    return " ".join(Path(word).name for word in words if word)[:80]
