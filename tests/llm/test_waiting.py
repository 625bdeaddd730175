"""What servers say of "later", sensible or not."""

import math
import random

import pytest

from llm.waiting import asked_to_wait

DATE = "Mon, 01 Jan {year} 00:00:00 {zone}"
HOSTILE = [
    DATE.format(year="9" * 20, zone="GMT"),
    DATE.format(year="9999", zone="-9999"),
    DATE.format(year="0001", zone="+2359"),
    DATE.format(year="2030", zone="+" + "9" * 30),
    "9" * 400,
    "nan",
    "",
]
PARTS = [
    "Mon,", "32", "01", "Jan", "Feb", "2030", "0", "9" * 20, "-1", "1e400", "00:00:00", "25:61:61",
    "99999999999:0:0", "GMT", "+9999", "-0000", "+" + "9" * 25, "(", ")", "\"", ",", ";", "\xe9",
]  # fmt: skip


def is_sensible(seconds: float | None) -> bool:
    return seconds is None or (seconds >= 0 and not math.isnan(seconds))


@pytest.mark.parametrize("header", HOSTILE)
def test_hostile_wait_is_no_error(header: str) -> None:
    assert is_sensible(asked_to_wait(None, header))
    assert is_sensible(asked_to_wait(header, None))


def test_year_beyond_numbers_says_nothing() -> None:
    assert asked_to_wait(None, HOSTILE[0]) is None


@pytest.mark.parametrize("nonsense", ["-5", "nan", "soon", ""])
def test_nonsense_in_one_header_does_not_hide_the_other(nonsense: str) -> None:
    assert asked_to_wait(nonsense, "30") == 30
    assert asked_to_wait("1500", nonsense) == 1.5
    assert asked_to_wait(nonsense, nonsense) is None


def test_no_header_breaks_the_reader() -> None:
    drawn = random.Random(20)
    for _ in range(1000):
        header = " ".join(drawn.choices(PARTS, k=drawn.randint(1, 7)))

        assert is_sensible(asked_to_wait(drawn.choice([None, "x", header]), header)), header
