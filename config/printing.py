"""Commands that print for a reader who may leave before the end, as `head` does."""

import os
import select
import sys
from collections.abc import Callable
from typing import TextIO

LEFT_ALONE = 141
"""What a shell says of a process that wrote to nobody: 128 and the number of SIGPIPE."""


def printing(act: Callable[[], None]) -> None:
    """Do it, and end quietly with status 141 where nobody reads any more what it prints.

    Whatever else breaks a pipe is raised.
    """
    try:
        act()
        # Here and not when the interpreter ends, where nobody could catch it.
        sys.stdout.flush()
    except BrokenPipeError:
        left = [stream for stream in (sys.stdout, sys.stderr) if _is_left(stream)]
        if not left:
            raise
        for stream in left:
            _drop(stream)
        raise SystemExit(LEFT_ALONE) from None


def _is_left(stream: TextIO) -> bool:
    """Whether nobody holds the other end any more; flushing again would not tell."""
    try:
        end = stream.fileno()
    except OSError:
        return False  # It leads nowhere but into memory.
    poll = select.poll()
    poll.register(end, 0)
    return any(found & select.POLLERR for _end, found in poll.poll(0))


def _drop(stream: TextIO) -> None:
    """Let the interpreter, when it ends, write the rest to nowhere."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, stream.fileno())
    os.close(nowhere)
