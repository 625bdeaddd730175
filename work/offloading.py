"""Database work of asynchronous code: done in one thread, one act after the other."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import ParamSpec, TypeVar

from work.connections import release_connections

P = ParamSpec("P")
T = TypeVar("T")


class DatabaseThread:
    """Runs acts that ask the database, apart from the event loop.

    It holds a connection only while an act is under way: what waits in the event loop, be it two
    hundred streams, takes none from those who answer requests.
    """

    def __init__(self, name: str) -> None:
        self._pool = ThreadPoolExecutor(max_workers=1, thread_name_prefix=name)

    async def __call__(self, act: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Do `act(...)` in the thread and return what it returns."""
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._pool, partial(_do, act, *args, **kwargs))

    def close(self) -> None:
        """Let the thread end once its acts are done."""
        self._pool.shutdown(wait=False)


def _do(act: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    try:
        return act(*args, **kwargs)
    finally:
        release_connections()
