"""The mock endpoint as a process: `python -m bench.fakellm --port 8099 --latency-ms 200 --honest`.

It prints its address and its number of process once it listens, and serves until it is killed.
"""

import argparse
import importlib
import os
from pathlib import Path

from bench.fakellm.cases import CASES
from bench.fakellm.control import checked_faults
from bench.fakellm.honest import honest_answer
from bench.fakellm.obeying import obeying_answer
from bench.fakellm.replies import Answer, echo
from bench.fakellm.server import FakeLlm


def main() -> None:
    """Serve until killed."""
    options = _parser().parse_args()
    server = FakeLlm(
        options.answer,
        port=options.port,
        latency=options.latency_ms / 1000,
        jitter=options.jitter_ms / 1000,
        pause=options.pause_ms / 1000,
        seed=options.seed,
        faults=options.faults,
        retry_after=options.retry_after,
        requests_per_minute=options.requests_per_minute,
        count_file=options.count_file,
        journal=options.journal,
    )
    server.manner.always = options.case or ""
    print(f"FAKELLM {server.url} pid={os.getpid()}", flush=True)
    server.serve()


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__)
    add = parser.add_argument
    add("--port", type=int, default=0, help="0 takes a free one")
    add("--latency-ms", type=float, default=0, help="that an answer takes")
    add("--jitter-ms", type=float, default=0, help="more or less than that, at most")
    add("--pause-ms", type=float, default=0, help="between streamed words")
    add("--seed", type=int, default=0, help="of what happens by chance")
    add("--faults", type=checked_faults, default={}, help="such as 429:0.1,500:0.05,hang:0.02")
    add("--case", choices=CASES, metavar="NAME", help="answer everything with this case")
    add("--retry-after", type=float, help="seconds that a made-up 429 asks for")
    add("--requests-per-minute", type=float, help="answer 429 beyond it")
    add("--count-file", type=Path, help="gets one byte per billed call")
    add("--journal", type=Path, help="gets one line of JSON per request")
    model = parser.add_mutually_exclusive_group()
    model.set_defaults(answer=echo)
    for name, answer in {"--honest": honest_answer, "--obeys": obeying_answer}.items():
        model.add_argument(name, dest="answer", action="store_const", const=answer)
    model.add_argument("--answer", type=_named, help="module:function that computes answers")
    return parser


def _named(path: str) -> Answer:
    module, _, name = path.partition(":")
    answer: Answer = getattr(importlib.import_module(module), name)
    return answer


if __name__ == "__main__":
    main()
