"""Which proposals may be kept: those that can be quoted."""

from typing import Any

import pytest

from collection.models import Conversation, Turn
from generation.extraction import accept, prompt_for, schema
from llm.parsing import why_invalid

TURNS = [
    Turn(position=0, role="user", content="I am vegan. I am vegan, really 🥦 yes."),
    Turn(position=1, role="assistant", content="You like soup."),
    Turn(position=2, role="user", content="I live in Berlin."),
    Turn(position=3, role="user", content="I like soup, yes. I like tea."),
    Turn(position=4, role="user", content="I like tea. 나는 서울에 살아요."),
]


def proposal(**fields: Any) -> dict[str, Any]:
    whole = {
        "text": "Is vegan", "type": "constraint", "explicitness": "stated", "scope": "lasting",
        "turn": 0, "quote": "I am vegan", "confidence": 0.9,
    }  # fmt: skip
    return whole | fields


def refused(*proposals: Any) -> dict[str, int]:
    return accept({"attributes": list(proposals)}, TURNS)[1]


def spans(*proposals: Any) -> list[tuple[int, int, int]]:
    accepted, _ = accept({"attributes": list(proposals)}, TURNS)
    return [(found.turn.position, found.start, found.end) for found in accepted]


def test_accept_keeps_what_stands_in_the_turn() -> None:
    assert spans(proposal()) == [(0, 0, 10)]


def test_accept_counts_code_points() -> None:
    assert spans(proposal(quote="🥦 yes")) == [(0, 31, 36)]


def test_accept_finds_other_scripts() -> None:
    assert spans(proposal(turn=4, quote="서울에 살아요")) == [(4, 15, 22)]


def test_accept_moves_a_quote_that_stands_in_one_other_turn() -> None:
    assert spans(proposal(turn=0, quote="I live in Berlin")) == [(2, 0, 16)]


def test_accept_refuses_a_quote_of_two_other_turns() -> None:
    assert refused(proposal(turn=0, quote="I like tea")) == {"quote_not_found": 1}


def test_accept_refuses_a_quote_of_the_assistant() -> None:
    assert refused(proposal(turn=1, quote="You like soup")) == {"quote_not_found": 1}


def test_accept_refuses_a_quote_in_other_words() -> None:
    assert refused(proposal(quote="I'm vegan")) == {"quote_not_found": 1}


def test_accept_refuses_the_same_statement_twice() -> None:
    assert refused(proposal(), proposal(text=" is  VEGAN")) == {"duplicate": 1}


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"text": "  "}, "empty"),
        ({"quote": ""}, "empty"),
        ({"text": "x" * 501}, "too_long"),
        ({"text": "a\0b"}, "unstorable"),
        ({"text": "a\ud800"}, "unstorable"),
        ({"type": "mood"}, "unknown_type"),
        ({"explicitness": "maybe"}, "unknown_explicitness"),
        ({"scope": "forever"}, "unknown_scope"),
        ({"turn": "0"}, "malformed"),
        ({"turn": True}, "malformed"),
        ({"confidence": 7.0}, "malformed"),
        ({"quote": None}, "malformed"),
    ],
)
def test_accept_refuses_with_a_reason(fields: dict[str, Any], reason: str) -> None:
    assert refused(proposal(**fields)) == {reason: 1}


def test_accept_looks_at_a_hundred() -> None:
    many = [proposal(text=f"Statement {number}") for number in range(103)]

    assert refused(*many) == {"too_many": 3}


@pytest.mark.parametrize("value", [None, [], "x", {}, {"attributes": None}])
def test_accept_finds_nothing_in_what_is_no_list(value: Any) -> None:
    assert accept(value, TURNS) == ([], {})


def test_schema_asks_for_what_accept_takes() -> None:
    assert why_invalid({"attributes": [proposal()]}, schema()) is None


@pytest.mark.django_db
def test_prompt_keeps_the_words_out_of_the_instructions(conversation: Conversation) -> None:
    prompt = prompt_for(conversation.turns_at())

    system, user = prompt.messages
    assert "vegan" not in system["content"]
    assert "I am vegan" in user["content"]
