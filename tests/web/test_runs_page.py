"""The figures of a run in plain words."""

import pytest

from generation.management.prices import price_lines
from web.runs_page import between, money_between, whether_enough

PRICES = {"low": "1", "expected": "3", "high": "3"}


@pytest.mark.parametrize(
    ("low", "expected", "high", "words"),
    [
        (480, 480, 480, "480"),
        (470, 480, 510, "480 (470–510)"),
        (0, 1500, 1500, "at most 1,500"),
        (0, 0, 0, "0"),
    ],
)
def test_range_whose_low_end_nobody_knows_is_told_by_the_other(
    low: int, expected: int, high: int, words: str
) -> None:
    assert between({"low": low, "expected": expected, "high": high}) == words


def test_cost_is_told_the_same_way() -> None:
    assert money_between(PRICES) == "at most 3.00"
    assert money_between({**PRICES, "high": "4"}) == "3.00 (1.00–4.00)"


def test_budget_without_a_limit_needs_no_word() -> None:
    budget = {"suffices": "yes", "calls_left": None, "cost_left": None}

    assert whether_enough(budget) == ""
    assert whether_enough({**budget, "calls_left": 5}) == "enough"


def test_commands_say_the_same() -> None:
    figures = {"low": 0, "expected": 900, "high": 900}
    estimate = {
        "jobs": 3,
        "sampled": 3,
        "calls": {"low": 3, "expected": 3, "high": 3},
        "prompt_tokens": {"low": 50, "expected": 50, "high": 50},
        "completion_tokens": figures,
        "tokens_per_answer": figures,
        "answers_known_from": "limit",
        "cost": PRICES,
        "seconds": None,
        "endpoints": [],
        "people_short": 0,
        "budgets": [{"scope": "study:a", "suffices": "yes", "calls_left": None, "cost_left": None}],
    }

    assert list(price_lines(estimate))[1:] == [
        "tokens: 50 sent, at most 900 received (answers as long as they may be)",
        "cost: at most 3.0000",
        "time: not known before this endpoint has answered some such questions",
        "budget study:a: no limit",
    ]
