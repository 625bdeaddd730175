"""Whether an answer is the right one: single, one of several, or per target."""

from typing import Any

import pytest

from annotation.known_answers import is_right


@pytest.mark.parametrize(
    ("expected", "answer", "right"),
    [
        ("a", "a", True),
        ("a", "b", False),
        (["a", "b"], "b", True),
        (["a", "b"], "c", False),
        (True, True, True),
        (True, 1, False),
        (50, 50.0, True),
        ({"r1": "good", "r2": ["poor", "fair"]}, {"r1": "good", "r2": "fair"}, True),
        ({"r1": "good"}, {"r1": "poor", "r2": "good"}, False),
        ({"r1": "good"}, {}, False),
        ({"r1": "good"}, "good", False),
    ],
)
def test_is_right(expected: Any, answer: Any, right: bool) -> None:
    assert is_right(expected, answer) is right
