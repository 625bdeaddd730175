"""Whether answers are the right ones, where what is right is known."""

from collections.abc import Mapping
from typing import Any


def is_right(expected: Any, answer: Any) -> bool:
    """Is the answer, in the item's own order, the one expected or one of several?

    Asked per response or attribute, it has to be right for each target that is known.
    """
    if isinstance(expected, Mapping):
        given = answer if isinstance(answer, Mapping) else {}
        return all(is_right(value, given.get(target)) for target, value in expected.items())
    if isinstance(expected, list):
        return any(is_right(value, answer) for value in expected)
    # True is no 1: a boolean is right only as a boolean.
    return bool(expected == answer) and isinstance(expected, bool) == isinstance(answer, bool)
