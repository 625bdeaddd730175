"""How a job's handler says what should become of the job."""

from collections.abc import Callable


class RetryLater(Exception):
    """The job could not be done now; it goes back to waiting.

    It is tried again after `after_seconds` or a jittered backoff, whichever is longer. With
    `counts=False` the attempt is not held against it: time passed, but nothing was tried.
    """

    def __init__(
        self, reason: str, *, after_seconds: float | None = None, counts: bool = True
    ) -> None:
        super().__init__(reason)
        self.reason = reason
        self.after_seconds = after_seconds
        self.counts = counts


class GiveUp(Exception):
    """Trying again cannot help; the job is dead until a person revives it."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class Hold(Exception):
    """Trying again cannot help until a person changes something; the job is held until then.

    Unlike after `GiveUp` nothing is wrong with the job: no attempt is held against it, and
    resuming its run lets it go. `is_still_so` is asked in the transaction that holds the job: a
    person may have changed it meanwhile.
    """

    def __init__(self, reason: str, *, is_still_so: Callable[[], bool] = lambda: True) -> None:
        super().__init__(reason)
        self.reason = reason
        self.is_still_so = is_still_so


class LateClaim(Exception):
    """The fence refused: the job was claimed again, cancelled or finished by somebody else."""


class KeyReused(Exception):
    """Two different payloads were enqueued under one key: a mistake in the code that asked."""
