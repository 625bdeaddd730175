"""US phone numbers in every way they are written; numbers that are none. All are invented."""

import pytest

from collection.redaction import phone
from collection.redaction.detection import detect, regions_of
from collection.redaction.kinds import Kind
from collection.redaction.phone_forms import numbers_by_form

NUMBERS = [("212", "736", "5000"), ("415", "555", "2671"), ("650", "253", "0000")]
FORMS = [
    "{}.{}.{}",
    "{}-{}-{}",
    "({}) {}-{}",
    "({}){}-{}",
    "{} {} {}",
    "+1 {} {} {}",
    "+1-{}-{}-{}",
    "+1.{}.{}.{}",
    "+1{}{}{}",
    "+1 ({}) {}-{}",
    "1-{}-{}-{}",
]


def phones(text: str) -> list[str]:
    """What is found."""
    spans = detect(text, regions=regions_of(["en"]))
    return [text[span.start : span.end] for span in spans if span.kind == Kind.PHONE]


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("parts", NUMBERS)
def test_us_number_is_found(form: str, parts: tuple[str, str, str]) -> None:
    number = form.format(*parts)

    assert phones(f"You reach us at {number} today.") == [number]


@pytest.mark.parametrize("form", FORMS)
def test_us_number_is_found_by_its_form_alone(form: str) -> None:
    number = form.format(*NUMBERS[0])

    assert list(numbers_by_form(number, ("US",), is_bare=True)) == [(0, len(number))]


def test_number_that_checks_as_a_book_is_found() -> None:
    """One in eleven does so by chance."""
    numbers = [f"415-555-{n}" for n in range(2600, 2700)]

    assert [number for number in numbers if phones(f"call me: {number}") != [number]] == []


@pytest.mark.parametrize(
    "text",
    [
        "ISBN 0-306-40615-2",
        "ISBN-10: 0306406152",
        "978-0-306-40615-7",
        "it costs 212.736.500,50 or 1.234.567",
        "version 2.736.5000, in 1999-2004, from 212.73.50.1",
    ],
)
def test_what_is_no_number_is_left_alone(text: str) -> None:
    assert phones(text) == []


def test_matcher_is_asked_about_so_many_at_most(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []
    matches = phone._matches

    def counted(piece: str, *rest: object) -> object:
        asked.append(piece)
        return matches(piece, *rest)

    monkeypatch.setattr(phone, "_matches", counted)
    text = ", ".join(f"(212) 736-{n}" for n in range(4000, 5000))

    assert len(phones(text)) == 1000
    assert len(asked) == phone.MOST_ASKED
