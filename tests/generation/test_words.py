"""Content words in several scripts, and what is made of them."""

import pytest

from generation.mentions import is_mentioned
from generation.ranking import bm25
from generation.words import content_words, coverage, overlap


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("I am VEGAN, you know.", ["vegan", "know"]),
        ("No allergies to nuts", ["allergy", "nut"]),
        ("Me gusta cocinar", ["cocinar"]),
        ("ｖｅｇａｎ", ["vegan"]),
        ("등산을 좋아해", ["등산", "산을", "좋아", "아해"]),
        ("茶", ["茶"]),
        ("the and of", []),
        ("", []),
    ],
)
def test_content_words_by_script(text: str, words: list[str]) -> None:
    assert content_words(text) == words


def test_coverage_is_the_share_that_is_found() -> None:
    assert coverage("vegan soup", "A soup for everybody") == 0.5


def test_overlap_looks_at_the_shorter() -> None:
    assert overlap("vegan", "prefers vegan dinner") == 1.0


@pytest.mark.parametrize("pair", [("", "soup"), ("the", "the"), ("", "")])
def test_overlap_of_nothing_is_nothing(pair: tuple[str, str]) -> None:
    assert overlap(*pair) == 0.0


def test_bm25_ranks_the_rarer_word_higher() -> None:
    common, rare, none = bm25("soup lemon", ["soup bowl", "lemon soup", "cat"])

    assert rare > common > none == 0.0


def test_bm25_of_nothing_is_nothing() -> None:
    assert bm25("soup", []) == []
    assert bm25("soup", ["", "the"]) == [0.0, 0.0]


@pytest.mark.parametrize(
    ("attribute", "response", "expected"),
    [
        ("Lives in Berlin", "As you are in Berlin, try it", False),
        ("Vegan from Berlin", "A vegan place in Berlin", True),
        ("Is it?", "Anything", None),
    ],
)
def test_mention_is_a_matter_of_words(attribute: str, response: str, expected: bool | None) -> None:
    assert is_mentioned(attribute, response) is expected
