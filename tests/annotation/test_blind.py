"""Judges are blind: a thousand prompts tell no strategy, model, row or place of a response."""

import random
import re

import pytest

from annotation.actions.judging import Content, _orders
from annotation.judges import JudgeSpec
from annotation.judging import prompt_for, schema_for
from annotation.screens import Screen
from bench.fakellm.material import material_in
from llm.ladder import request_digest
from llm.models import Endpoint
from tests.annotation.screens_made import SECRETS, pair_screen

UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
WORDS = ["lentils", "rice", "soup", "slowly", "cook", "then", "serve", "warm", "with", "bread"]
SPEC = JudgeSpec(name="judge")
PAIRS = 500


def both_ways(number: int) -> tuple[Screen, Screen]:
    """One pair, both ways round."""
    drawn = random.Random(number)
    personal, plain = (" ".join(drawn.choices(WORDS, k=8)) for _ in range(2))
    screens = (
        pair_screen(personal, plain, is_swapped=is_swapped, number=number)
        for is_swapped in (False, True)
    )
    one, other = screens
    return one, other


def prompts_of(number: int) -> list[str]:
    asked = [prompt_for(one, SPEC, sample=0, profile=None) for one in both_ways(number)]
    return [str(question.messages) for question in asked]


def test_prompts_tell_no_strategy_model_or_row() -> None:
    sent = [text for number in range(PAIRS) for text in prompts_of(number)]

    assert len(sent) == 1_000
    assert [text for text in sent if UUID.search(text) or any(one in text for one in SECRETS)] == []


def test_prompts_do_not_tell_what_was_given() -> None:
    assert "Was given to one of them" not in str([prompts_of(0), schema_for(both_ways(0)[0])])


def test_swapped_prompt_is_the_same_with_the_texts_exchanged() -> None:
    for number in range(100):
        one, other = (
            material_in({"messages": prompt_for(each, SPEC, sample=0, profile=None).messages})
            for each in both_ways(number)
        )
        first, second = one["items"][0]["responses"]
        first["text"], second["text"] = second["text"], first["text"]

        assert one == other


@pytest.mark.parametrize(("orders", "least", "most"), [("both", 500, 500), ("drawn", 200, 300)])
def test_place_of_the_personal_response_is_balanced(orders: str, least: int, most: int) -> None:
    spec, drawn = JudgeSpec.model_validate({"name": "judge", "orders": orders}), random.Random(7)
    contents = [Content([f"{drawn.getrandbits(256):064x}"], has_sides=True) for _ in range(PAIRS)]

    swapped = [is_swapped for content in contents for is_swapped in _orders(content, spec)]

    assert least <= sum(swapped) <= most


def test_judges_and_samples_alike_in_words_ask_different_questions() -> None:
    endpoint = Endpoint(protocol="responses", model="m", extra_params={"seed": 7})
    one, _ = both_ways(0)
    asked = [
        prompt_for(one, SPEC.model_copy(update={"name": name}), sample=sample, profile=None)
        for name in ("judge", "other")
        for sample in (0, 1)
    ]

    assert len({str(question.messages) for question in asked}) == 1
    assert len({request_digest(endpoint, question, None) for question in asked}) == 4
