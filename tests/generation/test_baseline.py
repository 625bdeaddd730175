"""The rules that answer where no model is configured."""

from typing import Any

import pytest

from generation.baseline import extraction, relevance, responses
from generation.baseline.clauses import rules
from generation.models import Attribute


def proposed(*contents: str) -> list[tuple[str, str]]:
    turns = [
        {"position": n, "role": "user", "content": content} for n, content in enumerate(contents)
    ]
    found = extraction.solve({"conversation": turns})["attributes"]
    return [(entry["quote"], entry["type"]) for entry in found]


@pytest.mark.parametrize(
    ("content", "found"),
    [
        ("No allergies, but I am vegan!",
         [("No allergies", "constraint"), ("I am vegan", "constraint")]),
        ("I live in Berlin and my wife hates fish.",
         [("I live in Berlin", "background"), ("my wife hates fish", "relation")]),
        ("I'd like something quick", [("I'd like something quick", "preference")]),
        ("Can I have two recipes? I like that one.", []),
        ("저는 채식주의자예요. 등산을 좋아해요!",
         [("저는 채식주의자예요", "constraint"), ("등산을 좋아해요", "preference")]),
        ("Me gusta el té, pero no tengo tiempo.",
         [("Me gusta el té", "preference"), ("no tengo tiempo", "constraint")]),
        ("What is the capital of France?", []),
        ("", []),
    ],
)  # fmt: skip
def test_extraction_quotes_clauses(content: str, found: list[tuple[str, str]]) -> None:
    assert proposed(content) == found


def test_extraction_reads_the_user_alone() -> None:
    turn = {"position": 0, "role": "assistant", "content": "I am vegan"}

    assert extraction.solve({"conversation": [turn]}) == {"attributes": []}


def test_extraction_says_the_same_thing_once() -> None:
    assert proposed("I am vegan.", "i am  vegan") == [("I am vegan", "constraint")]


def test_every_rule_proposes_what_exists() -> None:
    kinds = {(rule.type in Attribute.Type.values, rule.scope in Attribute.Scope.values)
             for rule in rules()}  # fmt: skip

    assert kinds == {(True, True)}


def test_relevance_goes_by_words() -> None:
    notes = [{"id": "a1", "text": "Likes vegan food"}, {"id": "a2", "text": "Has a cat"}]
    inputs = {"before": [], "request": "A vegan dinner?", "notes": notes}

    assert relevance.solve(inputs)["decisions"] == [
        {"id": "a1", "relevant": True},
        {"id": "a2", "relevant": False},
    ]


@pytest.mark.parametrize(
    ("request_text", "language"),
    [("What to cook?", "en"), ("뭐 먹지?", "ko"), ("¿Qué cocino?", "es")],
)
def test_responses_speak_the_requests_language(request_text: str, language: str) -> None:
    inputs: dict[str, Any] = {"before": [], "request": request_text, "notes": ["Is vegan."]}

    text = responses.solve(inputs)

    assert request_text in text
    assert responses.NOTES[language].format(notes="Is vegan") in text
