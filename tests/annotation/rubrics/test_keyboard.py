from annotation.rubrics.keyboard import keyboard_keys
from annotation.rubrics.loading import load_default
from tests.annotation.rubrics.samples import ask, option, rubric


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

    assert len(set(keys)) == len(keys) == 28


def test_keyboard_keys_give_a_contested_key_to_the_first() -> None:
    own = [option("a", key="x"), option("b", key="z")]
    asked = rubric(ask("first", options=own), ask("second", options=own))

    assert keyboard_keys(asked.questions)["second"] == {"a": "1", "b": "2"}
