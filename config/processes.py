"""Child processes that never outlive the process that started them."""

import contextlib
import ctypes
import functools
import os
import signal
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import IO

# From <sys/prctl.h>; other systems than Linux have no such call.
PR_SET_PDEATHSIG = 1
PRCTL = getattr(ctypes.CDLL(None), "prctl", None)


def die_with_parent(death: int = signal.SIGKILL, parent: int | None = None) -> None:
    """Ask Linux to send `death` to this process as soon as the thread that started it ends.

    The wish survives exec, but no fork: every process has to ask for itself. `parent` closes the
    gap before the call: if another process is our parent by now, ours is already gone.
    """
    if PRCTL is not None:
        PRCTL(PR_SET_PDEATHSIG, int(death), 0, 0, 0)
    if parent is not None and os.getppid() != parent:
        os._exit(1)


def start_bound(
    command: Sequence[str | os.PathLike[str]],
    *,
    output: IO[bytes],
    directory: Path | None = None,
    environment: Mapping[str, str] | None = None,
    death: int = signal.SIGKILL,
    user: int | None = None,
    pass_fds: Sequence[int] = (),
) -> subprocess.Popen[bytes]:
    """Start `command` in a session of its own, bound to the calling thread's life.

    A session of its own keeps the terminal's Ctrl-C from reaching it: its parent decides.
    With `user`, the process runs under that user and group id (for root only).
    """
    # A change of user clears the wish, so it has to be made after it: preexec_fn runs last.
    bind = functools.partial(die_with_parent, death, os.getpid())
    return subprocess.Popen(
        command,
        stdin=subprocess.DEVNULL,
        stdout=output,
        stderr=subprocess.STDOUT,
        cwd=directory,
        env=environment,
        start_new_session=True,
        preexec_fn=bind,
        pass_fds=pass_fds,
        user=user,
        group=user,
        extra_groups=None if user is None else [],
    )


def end_session(process: subprocess.Popen[bytes]) -> None:
    """Kill the process and everything that it started in its session."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()
