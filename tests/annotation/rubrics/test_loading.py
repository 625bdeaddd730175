import pytest

from annotation.rubrics.document import parse_rubric
from annotation.rubrics.loading import DEFAULTS, load_default

LANGUAGES = {"en", "ko", "es", "ja", "zh"}


@pytest.mark.parametrize("name", DEFAULTS)
def test_defaults_are_rubrics(name: str) -> None:
    assert parse_rubric(load_default(name)).version == 1


@pytest.mark.parametrize("name", DEFAULTS)
def test_defaults_speak_to_each_role_in_each_language(name: str) -> None:
    for question in parse_rubric(load_default(name)).questions:
        roles = set(question.roles or ("owner", "peer", "llm"))
        assert set(question.wording) == roles
        assert all(set(texts) == LANGUAGES for texts in question.wording.values())
        assert all(set(option.label) == LANGUAGES for option in question.options)


def test_response_asks_and_locks_the_preference_first() -> None:
    assert parse_rubric(load_default("response")).steps[0] == ("preference",)


def test_load_default_gives_a_fresh_copy() -> None:
    load_default("missing")["questions"].clear()

    assert load_default("missing")["questions"]


def test_load_default_refuses_another_name() -> None:
    with pytest.raises(ValueError, match="no default rubric 'peace'"):
        load_default("peace")
