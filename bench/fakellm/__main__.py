"""The mock endpoint as a process: `python -m bench.fakellm --port 8099 --latency-ms 200`."""

import argparse
import importlib
import os
from pathlib import Path

from bench.fakellm.replies import Answer, echo
from bench.fakellm.server import FakeLlm


def _named(path: str) -> Answer:
    module, _, name = path.partition(":")
    answer: Answer = getattr(importlib.import_module(module), name)
    return answer


def main() -> None:
    """Serve until killed; prints its address once it listens."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--latency-ms", type=float, default=0)
    parser.add_argument("--pause-ms", type=float, default=0, help="between streamed words")
    parser.add_argument("--count-file", type=Path, help="gets one byte per billed call")
    parser.add_argument("--answer", type=_named, default=echo, help="module:function")
    options = parser.parse_args()
    server = FakeLlm(
        options.answer,
        port=options.port,
        latency=options.latency_ms / 1000,
        pause=options.pause_ms / 1000,
        count_file=options.count_file,
    )
    print(f"FAKELLM {server.url} pid={os.getpid()}", flush=True)
    server.serve()


if __name__ == "__main__":
    main()
