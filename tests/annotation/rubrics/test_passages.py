import pytest
from django.core.exceptions import ValidationError
from hypothesis import given
from hypothesis import strategies as st

from annotation.rubrics.answers import Targets
from annotation.rubrics.passages import read_spans, write_spans
from tests.annotation.rubrics.samples import ask, rubric
from tests.annotation.rubrics.test_forms import form_of

TEXT = "You live in **Bern**, so\nwalk. Bern is calm 😀 today."


@pytest.mark.parametrize(
    ("lines", "words"),
    [
        ("walk", ["walk"]),
        ("“walk.”", ["walk."]),
        ("in Bern, so walk", ["in **Bern**, so\nwalk"]),
        ("Bern\nBern", ["Bern", "Bern"]),
        ("calm 😀 today", ["calm 😀 today"]),
        ("[[4-8]] “other words, for people”", ["live"]),
        ("", []),
    ],
)
def test_spans_are_read_from_places_and_from_words(lines: str, words: list[str]) -> None:
    assert [TEXT[start:end] for start, end in read_spans(lines, TEXT)] == words


@pytest.mark.parametrize("lines", ["Zurich", "walk\nwalk", "****", "“”", "x" * 5000, "4-8", "-"])
def test_words_that_do_not_stand_in_the_text_are_refused(lines: str) -> None:
    with pytest.raises(ValidationError, match="These words do not stand in the text"):
        read_spans(lines, TEXT)


def test_numbers_of_the_text_are_words_and_no_places() -> None:
    text = "The train takes 10-20 minutes, on platform [[3-5]]."

    spans = read_spans("10-20\n[[3-5]]", text)

    assert [text[start:end] for start, end in spans] == ["10-20", "[[3-5]]"]


@given(st.text(min_size=1), st.data())
def test_spans_survive_being_written_for_people(text: str, data: st.DataObject) -> None:
    cut = sorted(data.draw(st.sets(st.integers(0, len(text)), min_size=2, max_size=4)))
    spans = [list(pair) for pair in zip(cut[::2], cut[1::2], strict=False)]

    assert read_spans(write_spans(spans, text), text) == spans


def test_form_keeps_the_places_of_quoted_words_per_response() -> None:
    targets = Targets(responses=("r1", "r2"), texts={"r1": TEXT, "r2": "Other words."})
    asked = rubric(ask("differs", "spans", per="response", required=False))

    form = form_of(asked, targets=targets, data={"differs:a": "walk", "differs:b": "words."})

    assert form.is_valid(), form.errors
    assert form.answers() == {"differs": {"r1": [[25, 29]], "r2": [[6, 12]]}}


def test_form_says_which_words_do_not_stand_in_the_response() -> None:
    targets = Targets(responses=("r1",), texts={"r1": TEXT})
    asked = rubric(ask("differs", "spans", per="response", required=False))

    form = form_of(asked, targets=targets, data={"differs:a": "walk\nZurich"})

    sentence = "These words do not stand in the text: “Zurich”. Copy them as they stand there."
    assert form.errors == {"differs:a": [sentence]}


def test_form_refuses_places_beyond_the_response() -> None:
    targets = Targets(responses=("r1",), texts={"r1": "short"})
    asked = rubric(ask("differs", "spans", per="response"))

    form = form_of(asked, targets=targets, data={"differs:a": "[[0-6]] “short”"})

    assert "A span ends after the text" in str(form.errors)


def test_form_shows_stored_spans_with_their_words() -> None:
    targets = Targets(responses=("r1",), texts={"r1": TEXT})
    asked = rubric(ask("differs", "spans", per="response"))

    page = str(form_of(asked, targets=targets, initial={"differs": {"r1": [[25, 29]]}}))

    assert "[[25-29]] “walk”</textarea>" in page
