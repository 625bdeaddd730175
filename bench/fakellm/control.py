"""Changing the mock endpoint while it runs, and reading what it counted: `/control`.

GET gives the counters. POST takes a JSON object of any of these and gives the counters too:
`faults` ("429:0.1,hang:0.02"), `always` (a fault or a case for every request, "" to be well again),
`script` (cases for the next requests), `latency_ms`, `jitter_ms`, `retry_after`,
`requests_per_minute` (0 for no limit), `seed`, and `reset` (count anew). It is served to whoever
reaches the port, which is on the loopback.
"""

import json
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from bench.fakellm.cases import fault_called
from bench.fakellm.chance import Chance, shares_of
from bench.fakellm.limits import Limit
from bench.fakellm.replies import Scripted
from bench.fakellm.wire import Request

if TYPE_CHECKING:
    from bench.fakellm.desk import Desk

Order = Callable[["Desk", Any], None]


def obey(desk: "Desk", request: Request) -> Scripted:
    """Do what a request to `/control` asks for; 400 with a sentence where it can't be."""
    try:
        orders = json.loads(request.body) if request.method == "POST" else {}
        unknown = sorted(set(orders) - set(ORDERS))
        if unknown:
            raise ValueError(f"There is no {', '.join(unknown)}; there are {', '.join(ORDERS)}.")
        for name, value in orders.items():
            ORDERS[name](desk, value)
    except (ValueError, TypeError) as problem:
        return Scripted(400, {"error": {"message": str(problem)}})
    return Scripted(body=desk.books.counters())


def checked_faults(text: str) -> dict[str, float]:
    """The shares of faults by name; raises ValueError for one that nobody can play."""
    shares = shares_of(text)
    for name in shares:
        fault_called(name)
    return shares


def _faults(desk: "Desk", text: str) -> None:
    desk.chance.faults = checked_faults(text)


def _always(desk: "Desk", name: str) -> None:
    if name:
        fault_called(name)
    desk.manner.always = name


def _script(desk: "Desk", names: list[str]) -> None:
    desk.manner.script.extend([fault_called(name) for name in names])


def _latency(desk: "Desk", milliseconds: float) -> None:
    desk.manner.latency = float(milliseconds) / 1000


def _jitter(desk: "Desk", milliseconds: float) -> None:
    desk.manner.jitter = float(milliseconds) / 1000


def _retry_after(desk: "Desk", seconds: float | None) -> None:
    desk.manner.retry_after = None if seconds is None else float(seconds)


def _limit(desk: "Desk", per_minute: float) -> None:
    desk.limit = Limit(float(per_minute) or None)


def _seed(desk: "Desk", seed: int) -> None:
    desk.chance = Chance(int(seed), desk.chance.faults)


def _reset(desk: "Desk", is_wanted: bool) -> None:
    if is_wanted:
        desk.books.reset()


ORDERS: dict[str, Order] = {
    "faults": _faults,
    "always": _always,
    "script": _script,
    "latency_ms": _latency,
    "jitter_ms": _jitter,
    "retry_after": _retry_after,
    "requests_per_minute": _limit,
    "seed": _seed,
    "reset": _reset,
}
