"""Reading many rows a page at a time: memory stays flat, and no long transaction is held."""

from collections.abc import Iterator
from typing import Any

from django.db.models import QuerySet


def pages(rows: QuerySet[Any, tuple[Any, ...]], size: int) -> Iterator[list[tuple[Any, ...]]]:
    """Pages of a `values_list` whose first column is `ref`, in the order of refs.

    Each page is one query that continues after the last ref of the page before, over the unique
    index of study and ref; its cost does not grow with what was read already.
    """
    page = list(rows.order_by("ref")[:size])
    while page:
        yield page
        if len(page) < size:
            return
        page = list(rows.filter(ref__gt=page[-1][0]).order_by("ref")[:size])
