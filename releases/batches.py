"""Rows taken together, so that encoders are called a few times and not once per row."""

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import TypeVar

T = TypeVar("T")


def batches(rows: Iterable[T], size: int, *, first: int = 0) -> Iterator[list[T]]:
    """Lists of `size` rows, the last one shorter; `first` of them before, if somebody waits."""
    read = iter(rows)
    if first and (batch := list(islice(read, first))):
        yield batch
    while batch := list(islice(read, size)):
        yield batch
