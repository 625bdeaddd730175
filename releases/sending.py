"""Parts of a file for an asynchronous server, made one at a time as they are sent."""

from collections.abc import AsyncIterator, Iterator

from asgiref.sync import sync_to_async


async def one_by_one(parts: Iterator[bytes]) -> AsyncIterator[bytes]:
    """The same parts, each made in the request's own thread when it is wanted.

    Django would otherwise read a synchronous iterator to its end before it sends the first byte.
    """
    next_part = sync_to_async(lambda: next(parts, None), thread_sensitive=True)
    while (part := await next_part()) is not None:
        yield part
