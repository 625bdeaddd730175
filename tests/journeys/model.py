"""A model behind HTTP in a process of its own, which ends with the test whatever happens."""

import functools
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from config.processes import die_with_parent
from tests.site import ROOT

HONEST = "bench.fakellm.honest:honest_answer"


@dataclass(frozen=True)
class Model:
    """Where it answers, and the file that gets a byte for every answer it bills."""

    url: str
    bill: Path

    @property
    def billed(self) -> int:
        """How many answers it billed so far."""
        return self.bill.stat().st_size


@contextmanager
def honest_model(bill: Path, latency_ms: int = 0) -> Iterator[Model]:
    """A server process that computes each answer from the request that it gets."""
    with _serving(bill, "--latency-ms", str(latency_ms), "--answer", HONEST) as model:
        yield model


@contextmanager
def echoing_model(bill: Path, pause_ms: int = 0) -> Iterator[Model]:
    """One that says what was said last, streamed with pauses between the words."""
    with _serving(bill, "--pause-ms", str(pause_ms)) as model:
        yield model


@contextmanager
def _serving(bill: Path, *options: str) -> Iterator[Model]:
    process = subprocess.Popen(
        [sys.executable, "-m", "bench.fakellm", "--count-file", str(bill), *options],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
        preexec_fn=functools.partial(die_with_parent, signal.SIGKILL, os.getpid()),
    )
    assert process.stdout is not None
    try:
        yield Model(process.stdout.readline().split()[1], bill)
    finally:
        process.kill()
        process.communicate()
