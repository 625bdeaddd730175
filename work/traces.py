"""Which request, job, run and endpoint a thread is busy with: ids that go with every line it logs.

`config.logs` writes them; whoever knows an id notes it here. They are kept by context, so threads
and tasks of an event loop do not see each other's.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from types import MappingProxyType

NONE: Mapping[str, str] = MappingProxyType({})

_ids: ContextVar[Mapping[str, str]] = ContextVar("ids", default=NONE)


def ids_here() -> Mapping[str, str]:
    """What was noted, in the order in which it was."""
    return _ids.get()


def note(**ids: object) -> None:
    """Keep these ids until the enclosing `noted` ends; what is None is left out."""
    known = {name: str(value) for name, value in ids.items() if value is not None}
    _ids.set(MappingProxyType({**_ids.get(), **known}))


def begin(**ids: object) -> None:
    """Forget what was noted before, as when a thread takes up another request."""
    _ids.set(NONE)
    note(**ids)


@contextmanager
def noted(**ids: object) -> Iterator[None]:
    """Keep these ids, and what is noted meanwhile, for as long as this lasts."""
    token = _ids.set(_ids.get())
    note(**ids)
    try:
        yield
    finally:
        _ids.reset(token)
