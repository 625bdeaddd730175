import re
from typing import Any

import pytest

from annotation.rubrics.answers import Targets
from annotation.rubrics.document import Rubric
from annotation.rubrics.forms import AnswerForm, answer_form
from tests.annotation.rubrics.samples import ask, option, pair, rubric

PAIR = Targets(responses=("r1", "r2"), attributes=("a1",))


def form_of(asked: Rubric, **options: Any) -> AnswerForm:
    chosen: dict[str, Any] = {
        "role": "peer",
        "language": "en",
        "targets": PAIR,
        "swapped": False,
    } | options
    return answer_form(asked, **chosen)


def test_form_names_fields_by_prefix_question_and_target() -> None:
    form = form_of(rubric(ask("q"), ask("p", per="response")), prefix="i7-")

    names = re.findall(r'name="([^"]+)" value="yes"', str(form))

    assert names == ["i7-q", "i7-p:a", "i7-p:b"]


def test_form_shows_responses_in_the_order_of_the_sides() -> None:
    page = str(form_of(rubric(ask("p", per="response")), swapped=True))

    assert re.findall(r'data-target="(\w+)"', page) == ["a", "b"]
    assert re.findall(r'class="target">(\w)', page) == ["A", "B"]


def test_form_shows_stored_answers_from_the_side_shown() -> None:
    page = str(form_of(rubric(pair()), swapped=True, initial={"better": "a2"}))

    assert re.findall(r'value="(\w+)" id="\w+" checked', page) == ["b2"]


def test_form_gives_each_option_a_key_of_its_own() -> None:
    page = str(form_of(rubric(ask("q", options=[option("a", key="q"), option("b")]), ask("p"))))

    assert re.findall(r'data-key="(.)"', page) == ["q", "1", "2"]


def test_form_says_when_a_question_is_asked() -> None:
    asked = rubric(ask("a", "boolean"), ask("b", per="response", asked_if={"a": [True]}))
    page = str(form_of(asked, prefix="x-"))

    assert page.count('data-asked-if="{&quot;x-a&quot;: [&quot;true&quot;]}"') == 2


def test_form_drops_answers_to_questions_not_asked() -> None:
    asked = rubric(ask("a"), ask("b", asked_if={"a": ["no"]}))
    form = form_of(asked, data={"a": "yes", "b": "yes"})

    assert form.is_valid()
    assert form.answers() == {"a": "yes"}


def test_form_puts_a_fault_beside_its_question() -> None:
    form = form_of(rubric(ask("q"), ask("p", per="response")), data={"q": "?", "p:a": "yes"})

    assert form.errors == {
        "q": ["Choose one of: yes, no."],
        "p:b": ["Please answer this question."],
    }
    assert 'aria-describedby="id_q_error"' in str(form)
    with pytest.raises(ValueError, match="has no answers"):
        form.answers()


def test_form_of_a_step_takes_the_answers_before() -> None:
    asked = rubric(ask("a", locked=True), ask("b", asked_if={"a": ["no"]}))
    options: dict[str, Any] = {"keys": asked.steps[1], "given": {"a": "no"}}

    form = form_of(asked, data={"b": "yes", "a": "yes"}, **options)

    assert form.is_valid()
    assert form.answers() == {"a": "no", "b": "yes"}
    assert 'name="a"' not in str(form)


def test_form_asks_only_what_the_role_is_asked() -> None:
    assert "q" not in form_of(rubric(ask("q", roles=["owner"]), ask("p"))).fields


def test_form_labels_targets_with_the_texts_given() -> None:
    page = str(form_of(rubric(ask("q", per="attribute")), labels={"a1": "Likes <trains>"}))

    assert "Likes &lt;trains&gt;" in page


def test_form_escapes_wordings_and_labels() -> None:
    evil = ask(
        wording={"peer": {"en": "<b>q"}},
        hint={"peer": {"en": "<b>h"}},
        options=[option("<b>v"), option("w")],
    )

    assert "<b>" not in str(form_of(rubric(evil)))


@pytest.mark.parametrize(("language", "yes"), [("en", "Yes"), ("ko-KR", "예"), ("fr", "Yes")])
def test_form_offers_yes_and_no_in_the_language(language: str, yes: str) -> None:
    page = str(form_of(rubric(ask("q", "boolean")), language=language))

    assert f"<span>{yes}</span>" in page


@pytest.mark.parametrize("text", ["8/10", "８", "1e0", "nan", "--1", "1" * 40])
def test_form_refuses_what_is_no_number(text: str) -> None:
    slider = ask("q", "slider", scale="interval", min=0, max=3, step=0.5)

    assert not form_of(rubric(slider), data={"q": text}).is_valid()


def test_form_shows_a_slider_as_number_and_range() -> None:
    slider = ask("q", "slider", scale="interval", min=0, max=3, step=0.1)
    page = str(form_of(rubric(slider), initial={"q": 0.3}))

    assert re.search(r'type="number" name="q" value="0.3" min="0" max="3" step="0.1"', page)
    assert 'type="range" data-slider-for="id_q"' in page


@pytest.mark.parametrize("text", ["3", "3-x", "0-1\nx", "1-2-3", "9" * 5000 + "-1"])
def test_form_refuses_what_is_no_span(text: str) -> None:
    assert not form_of(rubric(ask("q", "spans")), data={"q": text}).is_valid()
