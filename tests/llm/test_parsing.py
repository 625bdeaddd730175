"""The one rule by which JSON is found in a model's text."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from llm.parsing import Malformed, read_json, why_invalid
from tests.llm.conftest import SCHEMA

JSON_VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**53), 2**53)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00")),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text("abc"), inner, max_size=4),
    max_leaves=10,
)


@pytest.mark.parametrize(
    "text",
    [
        '{"score": 3}',
        '\ufeff {"score": 3}\n',
        '```json\n{"score": 3}\n```',
        'Here it is:\n```\n{"score": 3}\n```\nI hope this helps.',
        'My answer is {"score": 3}.',
        '<think>Maybe {"score": 1}?</think>\n{"score": 3}',
    ],
)
def test_read_json_finds_the_value(text: str) -> None:
    assert read_json(text) == {"score": 3}


@pytest.mark.parametrize(
    "text",
    [
        "",
        "three",
        '{"score": 3,}',
        "{'score': 3}",
        '{"score": NaN}',
        '{"score": -Infinity}',
        '{"score": 1e400}',
        '{"score": 3, "score": 4}',
        '{"score": 3',
        '{"score": 3} {"score": 4}',
        'Either {"score": 3} or {"score": 4}',
        '{"score": 3} is my answer',
        '{"why": "\\ud800"}',
        '{"why": "\\u0000"}',
        "[" * 100_000 + "]" * 100_000,
        '{"n": ' + "9" * 5000 + "}",
        '"' + '\\"' * 500_000,
        "```\n" * 200_000,
        "x" * 2_000_001,
    ],
    ids=lambda text: str(text)[:20],
)
def test_read_json_refuses(text: str) -> None:
    with pytest.raises(Malformed):
        read_json(text)


@given(JSON_VALUES)
def test_read_json_reads_what_json_writes(value: Any) -> None:
    assert read_json(json.dumps(value)) == value


@given(st.text() | st.text('[]{}":,\\`\n truefalsn0123eE.-'))
def test_read_json_never_fails_otherwise(text: str) -> None:
    try:
        json.dumps(read_json(text), allow_nan=False).encode()
    except Malformed:
        return


@pytest.mark.parametrize("score", [0, 11, -1, True, "8/10", "３", None, [3], 3.5])
def test_why_invalid_names_the_place(score: Any) -> None:
    complaint = why_invalid({"score": score}, SCHEMA)

    assert complaint is not None
    assert complaint.startswith("$.score breaks the schema's ")


def test_why_invalid_accepts_what_follows() -> None:
    assert why_invalid({"score": 5}, SCHEMA) is None
