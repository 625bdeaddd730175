"""What the floors above hang into `work`, by name: job handlers, hooks and periodic acts."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from work.claims import Claim
from work.errors import GiveUp

Handler = Callable[[Claim], None]
Hook = Callable[[UUID, int], None]
Act = Callable[[datetime], None]


@dataclass(frozen=True)
class Periodic:
    """An act done once in every interval, whatever the number of sweepers."""

    name: str
    seconds: int
    act: Act


_handlers: dict[str, Handler] = {}
_claim_hooks: list[Hook] = []
_late_hooks: list[Hook] = []
_periodics: dict[str, Periodic] = {}


def register(kind: str, handler: Handler) -> None:
    """Let `handler` do the jobs of this kind. It must end by `with finishing(claim, ...)`."""
    _handlers[kind] = handler


def handler_for(kind: str) -> Handler:
    """The handler of this kind; raises `GiveUp` for a kind nobody registered."""
    try:
        return _handlers[kind]
    except KeyError:
        raise GiveUp(f"No handler is registered for jobs of the kind {kind!r}.") from None


def on_claim(hook: Hook) -> None:
    """Call `hook(job_id, attempt)` inside the transaction that claims a job."""
    if hook not in _claim_hooks:
        _claim_hooks.append(hook)


def on_late(hook: Hook) -> None:
    """Call `hook(job_id, attempt)` when the fence refused the holder of that attempt."""
    if hook not in _late_hooks:
        _late_hooks.append(hook)


def every(name: str, *, seconds: int, act: Act) -> None:
    """Do `act(tick)` once per interval, in the transaction that records the tick.

    It must be short and only touch the database: long work is enqueued.
    """
    _periodics[name] = Periodic(name, seconds, act)


def claim_hooks() -> list[Hook]:
    """Those to call at a claim, in the order of registration."""
    return list(_claim_hooks)


def late_hooks() -> list[Hook]:
    """Those to call when a holder came too late."""
    return list(_late_hooks)


def periodics() -> list[Periodic]:
    """All periodic acts."""
    return list(_periodics.values())
