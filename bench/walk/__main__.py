"""The whole way on real data, in one command: `python -m bench.walk`; prints one JSON document.

LAPS' dialogues → extraction → merged attributes → pairs → responses under all strategies → two
judges in both orders → agreement. A mock endpoint in its honest mode answers; PostgreSQL, Valkey
and the workers are started for it and ended with it.
"""

import argparse
import contextlib
import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from bench.site import ROOT, prepare, site_environment
from tests.servers import PostgresServer, ValkeyServer, short_directory

FILE = Path("laps") / "recipe_dataset_test.json"
WORKERS = 2


def main() -> None:
    """Prepare the ground, walk, and print what was seen."""
    parser = argparse.ArgumentParser(description=__doc__)
    default = Path(os.environ.get("REAL_DATA_DIR", ROOT.parent / "shared" / "data")) / FILE
    parser.add_argument("--file", type=Path, default=default, help="LAPS' dialogues")
    parser.add_argument("--people", type=int, help="only so many; default: all")
    options = parser.parse_args()
    if not options.file.exists():
        sys.exit(f"There is no file {options.file}; name LAPS' dialogues by --file.")
    with ground() as directory:
        from bench.walk.steps import walk  # needs the settings that `ground` made

        began = time.monotonic()
        report = walk(options.file, directory, people=options.people)
        report["seconds"] = round(time.monotonic() - began, 1)
    json.dump(report, sys.stdout, indent=1)
    print()


@contextlib.contextmanager
def ground() -> Iterator[Path]:
    """Servers, workers and settings for a walk; the directory that goes with them."""
    with short_directory() as directory, contextlib.ExitStack() as ending:
        database = PostgresServer(directory / "pg", durable=True)
        database.start()
        ending.callback(database.stop)
        broker = ValkeyServer(directory / "valkey.sock")
        broker.start()
        ending.callback(broker.stop)
        address = ending.enter_context(honest_endpoint(directory / "journal.jsonl"))
        environment = site_environment(directory, database.url(), f"unix://{directory}/valkey.sock")
        environment |= {"LLM_BASE_URL": address, "LLM_MODEL": "honest", "LLM_API_KEY": "none"}
        os.environ.update(environment)
        prepare(environment)
        for _ in range(WORKERS):
            ending.enter_context(process("manage.py", "worker", environment=environment))
        _set_up()
        yield directory


def _set_up() -> None:
    import django

    django.setup()


@contextlib.contextmanager
def honest_endpoint(journal: Path) -> Iterator[str]:
    """The mock endpoint as a process of its own; its address."""
    arguments = ("-m", "bench.fakellm", "--honest", "--journal", str(journal))
    with process(*arguments, environment=dict(os.environ), output=subprocess.PIPE) as server:
        assert server.stdout is not None
        told = server.stdout.readline().split()
        if not told:
            raise SystemExit("The mock endpoint did not start.")
        yield told[1]


@contextlib.contextmanager
def process(
    *arguments: str, environment: dict[str, str], output: int = subprocess.DEVNULL
) -> Iterator["subprocess.Popen[str]"]:
    """A Python process of this project, ended with the block."""
    command = [sys.executable, *arguments]
    running = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=output, text=True)
    try:
        yield running
    finally:
        running.terminate()
        running.wait()


if __name__ == "__main__":
    main()
