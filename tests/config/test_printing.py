"""What becomes of a command whose reader leaves."""

import os
import sys
from contextlib import closing
from typing import NoReturn

import pytest

from config.printing import LEFT_ALONE, printing


@pytest.mark.parametrize("lines", [1, 20_000], ids=["at the end", "on the way"])
def test_command_ends_quietly_where_nobody_reads(
    lines: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    end, beginning = os.pipe()
    os.close(end)

    def act() -> None:
        for number in range(lines):
            print(f"line {number}")

    with closing(os.fdopen(beginning, "w")) as stdout, monkeypatch.context() as patched:
        patched.setattr(sys, "stdout", stdout)
        with pytest.raises(SystemExit) as left:
            printing(act)
        print("the rest goes nowhere", flush=True)

    assert left.value.code == LEFT_ALONE


def test_another_broken_pipe_is_told() -> None:
    def act() -> NoReturn:
        raise BrokenPipeError

    with pytest.raises(BrokenPipeError):
        printing(act)
