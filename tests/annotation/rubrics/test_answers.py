from typing import Any

import pytest
from django.core.exceptions import ValidationError

from annotation.rubrics.answers import Targets, check_answers, rename_targets
from annotation.rubrics.document import Rubric
from tests.annotation.rubrics.samples import ask, pair, rubric

PAIR = Targets(responses=("r1", "r2"), attributes=("a1",), text_length=10)
SLIDER = ask("q", "slider", scale="interval", min=0, max=3, step=0.1)


def check(asked: Rubric, answers: Any, role: str = "peer", **options: Any) -> dict[str, Any]:
    return check_answers(asked, role=role, answers=answers, targets=PAIR, **options)


def refusals(asked: Rubric, answers: Any, role: str = "peer") -> dict[str, list[str]]:
    with pytest.raises(ValidationError) as refused:
        check(asked, answers, role)
    return refused.value.message_dict


WRONG: list[tuple[dict[str, Any], Any]] = [
    (ask("q", "boolean"), 1),
    (ask("q", "boolean"), "true"),
    (ask("q"), True),
    (ask("q"), "maybe"),
    (ask("q"), None),
    (ask("q"), ["yes"]),
    (SLIDER, "8/10"),
    (SLIDER, "８"),
    (SLIDER, True),
    (SLIDER, 3.1),
    (SLIDER, -0.1),
    (SLIDER, 0.15),
    (SLIDER, float("nan")),
    (SLIDER, float("inf")),
    (SLIDER, 10**400),
    (ask("q", "text"), 5),
    (ask("q", "text"), "a\x00b"),
    (ask("q", "text"), "a\ud800b"),
    (ask("q", "text", max_length=3), "four"),
    (ask("q", "list"), "one"),
    (ask("q", "list"), [1]),
    (ask("q", "list"), ["a\nb"]),
    (ask("q", "list", max_items=1), ["a", "b"]),
    (ask("q", "spans"), [[0, 11]]),
    (ask("q", "spans"), [[3, 3]]),
    (ask("q", "spans"), [[-1, 3]]),
    (ask("q", "spans"), [[True, 3]]),
    (ask("q", "spans"), [[0, 4], [3, 6]]),
    (ask("q", "spans"), [[0, 4, 5]]),
    (ask("q", per="response"), "yes"),
    (ask("q", per="response"), {"r1": "yes"}),
    (ask("q", per="response"), {"r1": "yes", "r2": "yes", "r3": "yes"}),
]


@pytest.mark.parametrize(("question", "answer"), WRONG)
def test_check_answers_refuses(question: dict[str, Any], answer: Any) -> None:
    found = refusals(rubric(question), {"q": answer})

    assert list(found) == ["q"]
    assert all(sentence.endswith(".") for sentence in found["q"])


GOOD: list[tuple[dict[str, Any], Any, Any]] = [
    (ask("q", "boolean"), False, False),
    (SLIDER, 3, 3.0),
    (SLIDER, 0.1 + 0.2, 0.3),
    (ask("q", "text"), "a\r\nb", "a\nb"),
    (ask("q", "list"), [" a ", ""], ["a"]),
    (ask("q", "list"), [], []),
    (ask("q", "spans"), [(4, 6), (0, 4)], [[0, 4], [4, 6]]),
    (ask("q", per="response"), {"r2": "no", "r1": "yes"}, {"r1": "yes", "r2": "no"}),
    (ask("q", per="attribute"), {"a1": "no"}, {"a1": "no"}),
]


@pytest.mark.parametrize(("question", "answer", "stored"), GOOD)
def test_check_answers_takes(question: dict[str, Any], answer: Any, stored: Any) -> None:
    assert check(rubric(question), {"q": answer}) == {"q": stored}


@pytest.mark.parametrize(("kind", "empty"), [("text", " "), ("list", []), ("spans", [])])
def test_check_answers_leaves_out_empty_optional_answers(kind: str, empty: Any) -> None:
    assert check(rubric(ask("q", kind, required=False)), {"q": empty}) == {}


@pytest.mark.parametrize("answers", [None, [], "x", 3])
def test_check_answers_refuses_what_is_no_mapping(answers: Any) -> None:
    assert list(refusals(rubric(ask()), answers)) == ["__all__"]


def test_check_answers_names_unknown_keys_safely() -> None:
    found = refusals(rubric(ask(required=False)), {"\ud800": 1, 7: 2})

    assert found == {key: ["There is no such question."] for key in ("\\ud800", "(int)")}


def test_check_answers_asks_required_questions_of_their_roles_only() -> None:
    asked = rubric(ask("q", roles=["owner"]))

    assert check(asked, {}, role="peer") == {}
    assert refusals(asked, {}, "owner") == {"q": ["Please answer this question."]}
    assert refusals(asked, {"q": "yes"}, "peer") == {
        "q": ["This question is not asked of the role peer."]
    }


def test_check_answers_follows_conditions() -> None:
    asked = rubric(ask("a"), ask("b", asked_if={"a": ["no"]}))

    assert check(asked, {"a": "yes"}) == {"a": "yes"}
    assert list(refusals(asked, {"a": "no"})) == ["b"]
    assert list(refusals(asked, {"a": "yes", "b": "yes"})) == ["b"]
    assert list(refusals(asked, {"a": "wrong", "b": "yes"})) == ["a"]


def test_check_answers_follows_conditions_per_response() -> None:
    asked = rubric(ask("a", per="response"), ask("b", per="response", asked_if={"a": ["no"]}))
    answers = {"a": {"r1": "yes", "r2": "no"}, "b": {"r2": "yes"}}

    assert check(asked, answers) == answers
    assert refusals(asked, answers | {"b": {}}) == {"b": ["r2: Please answer this question."]}


def test_check_answers_of_one_step_waits_for_the_next() -> None:
    asked = rubric(ask("a", locked=True), ask("b"))

    assert check(asked, {"a": "yes"}, keys=["a"]) == {"a": "yes"}


def test_a_comparison_is_not_asked_of_one_response() -> None:
    alone = Targets(responses=("r1",))

    assert check_answers(rubric(pair()), role="peer", answers={}, targets=alone) == {}


def test_rename_targets_gives_ids_back() -> None:
    asked = rubric(ask("q", per="response"))

    assert rename_targets(asked, {"q": {"A": "yes"}}, {"A": "r1"}) == {"q": {"r1": "yes"}}
