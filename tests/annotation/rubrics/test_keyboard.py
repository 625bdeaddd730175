import pytest
from django.core.exceptions import ValidationError
from hypothesis import given, reject
from hypothesis import strategies as st

from annotation.rubrics.answers import Targets
from annotation.rubrics.document import Rubric, parse_rubric
from annotation.rubrics.forms import AnswerForm, QuestionField, answer_form
from annotation.rubrics.keyboard import CONTROLS, control_keys, keyboard_keys
from annotation.rubrics.loading import DEFAULTS, load_default
from tests.annotation.rubrics.samples import ask, option, rubric
from tests.annotation.rubrics.strategies import ROLES, TARGETS, rubric_documents


def test_keyboard_keys_of_the_defaults_are_those_on_the_screens() -> None:
    asked = rubric(*load_default("extraction")["questions"][:2])

    assert keyboard_keys(asked.questions) == {
        "accuracy": {"accurate": "1", "partly": "2", "inaccurate": "3", "cannot_tell": "0"},
        "support": {"stated": "q", "implied": "w", "unsupported": "r"},
    }


def test_keyboard_keys_never_mean_two_things() -> None:
    many = [option(f"v{index}") for index in range(8)]
    asked = rubric(*(ask(f"q{index}", options=many) for index in range(5)))

    keys = [key for own in keyboard_keys(asked.questions).values() for key in own.values()]

    assert len(set(keys)) == len(keys) == 24


def test_keyboard_keys_give_a_contested_key_to_the_first() -> None:
    own = [option("a", key="x"), option("b", key="z")]
    asked = rubric(ask("first", options=own), ask("second", options=own))

    assert keyboard_keys(asked.questions)["second"] == {"a": "1", "b": "2"}


def test_keyboard_keys_take_capitals_for_small_letters() -> None:
    asked = rubric(ask("q", options=[option("a", key="X"), option("b", key="x")]))

    assert keyboard_keys(asked.questions)["q"] == {"a": "x"}


def test_control_keys_give_way_to_a_rubrics_own() -> None:
    assert control_keys([]) == CONTROLS
    assert control_keys(["f", "q"]) == {**CONTROLS, "flag": "w"}


@st.composite
def keyed_rubrics(draw: st.DrawFn) -> Rubric:
    """Rubrics of which some options bring a key of their own, whatever it is."""
    document = draw(rubric_documents())
    for question in document["questions"]:
        for each in question.get("options", []):
            each["key"] = draw(st.none() | st.characters(min_codepoint=33, max_codepoint=126))
    try:
        return parse_rubric(document)
    except ValidationError:
        reject()


@given(keyed_rubrics(), TARGETS, st.sampled_from(ROLES))
def test_no_two_controls_of_a_screen_share_a_key(
    asked: Rubric, targets: Targets, role: str
) -> None:
    form = answer_form(asked, role=role, language="en", targets=targets, swapped=False)

    assert_no_key_twice(form)


@pytest.mark.parametrize("name", DEFAULTS)
@pytest.mark.parametrize("role", ROLES)
def test_no_two_controls_of_a_default_screen_share_a_key(name: str, role: str) -> None:
    targets = Targets(responses=("r1", "r2"), attributes=("a1", "a2"))
    asked = parse_rubric(load_default(name))

    for step in (None, *asked.steps):
        form = answer_form(
            asked, role=role, language="en", targets=targets, swapped=False, keys=step
        )
        assert_no_key_twice(form)


def assert_no_key_twice(form: AnswerForm) -> None:
    """As a screen shows it: of the places of one question, one has the keys at a time."""
    by_question: dict[str, list[str]] = {}
    for field in form.fields.values():
        assert isinstance(field, QuestionField)
        keys = list(getattr(field.widget, "keys", {}).values())
        assert by_question.setdefault(field.question.key, keys) == keys
    options = [key for keys in by_question.values() for key in keys]
    every = [*options, *control_keys(form.shortcuts).values()]

    assert sorted(every) == sorted(set(every))
    assert form.shortcuts >= set(options)
