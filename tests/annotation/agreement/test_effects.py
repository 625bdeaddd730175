"""Self-consistency, and what answers lean to."""

from typing import Any

import pytest

from annotation.agreement.answers import Answer, Question
from annotation.agreement.document import agreement_document
from annotation.agreement.units import ResponseFacts, UnitFacts
from annotation.judge_cards.card import card_of
from tests.annotation.agreement.factories import CHOICE, PREFERENCE, SLIDER, people
from tests.annotation.judge_cards.constructions import subject_of

SHORT, LONG = ResponseFacts(100, False, "m"), ResponseFacts(200, True, "m")
FACTS = {
    "0": UnitFacts("a", LONG, SHORT),
    "1": UnitFacts("b", SHORT, LONG),
    "2": UnitFacts("c", LONG, SHORT),
    "3": UnitFacts("c", SHORT, SHORT),
}


def made(question: Question, answers: list[Answer], **more: Any) -> dict[str, Any]:
    return agreement_document(
        study="s", stage="response", question=question, answers=answers, resamples=50, **more
    )


def effects(found: dict[str, Any], kind: str = "favoured") -> dict[tuple[str, str], Any]:
    return {(row["of"], row["effect"]): row[kind] for row in found["effects"]}


def test_leaning_to_the_longer_and_to_mentions_by_hand() -> None:
    found = made(PREFERENCE, people("p", ["A", "B", "=", "A"]), facts=FACTS)

    assert effects(found) == {
        ("peer", "length"): pytest.approx(2.5 / 3),
        ("peer", "mention"): pytest.approx(2.5 / 3),
        ("peer", "position"): None,
    }


def test_leaning_to_what_stands_first_takes_both_orders() -> None:
    shown = [Answer(str(unit), "p", "owner", "human", value, swapped=bool(unit % 2))
             for unit, value in enumerate(["A", "B", "B", "B"])]  # fmt: skip

    found = made(PREFERENCE, shown, facts=FACTS)

    assert effects(found)["owner", "position"] == 0.75


def both_orders(kinds: str) -> list[Answer]:
    """A judge asked both ways round: L the longer twice, F what stands first, = then what does."""
    said = {"L": ("A", "A"), "F": ("A", "B"), "=": ("=", "B")}
    return [
        Answer(str(unit), "j", "llm", "llm", value, swapped=bool(order))
        for unit, kind in enumerate(kinds)
        for order, value in enumerate(said[kind])
    ]


@pytest.mark.parametrize(
    ("kinds", "length", "position"),
    [("FFFFFFFF", 0.5, 1.0), ("LLFFFFFF", 0.625, 0.875), ("L=", (1 + 0.25) / 2, 2 / 3)],
)
def test_flip_between_orders_is_half_for_either_side(
    kinds: str, length: float, position: float
) -> None:
    facts = {str(unit): UnitFacts(f"p{unit}", LONG, SHORT) for unit in range(8)}

    found = made(PREFERENCE, both_orders(kinds), facts=facts)["effects"]

    by_effect = {row["effect"]: row for row in found}
    assert [by_effect[name]["favoured"] for name in ("length", "mention", "position")] == [
        pytest.approx(value) for value in (length, length, position)
    ]
    assert (by_effect["length"]["n"], by_effect["length"]["items"]) == (len(kinds), len(kinds))


def test_agreement_and_judge_card_tell_the_same_of_a_judge() -> None:
    answers = [*both_orders("LFF=L"), Answer("5", "j", "llm", "llm", "B")]
    facts = {str(unit): UnitFacts(f"p{unit}", LONG, SHORT) for unit in range(6)}

    found = made(PREFERENCE, answers, facts=facts)
    asked = people("w", "AABB=A")
    bias = card_of(subject_of(PREFERENCE, answers + asked, facts), answers, "m")["bias"]

    assert {name: bias[name]["judge"]["value"] for name in ("length", "mention", "position")} == {
        name: pytest.approx(value) for (_, name), value in effects(found).items()
    }


def test_growth_of_a_single_answer_is_per_doubling() -> None:
    facts = {str(at): UnitFacts(str(at), ResponseFacts(100 * 2**at, None, "m")) for at in range(4)}

    found = made(SLIDER, people("p", [1, 3, 5, 7]), facts=facts)

    assert effects(found, "growth") == {
        ("peer", "length"): pytest.approx(2.0), ("peer", "mention"): None
    }  # fmt: skip


def test_questions_that_are_not_about_responses_have_no_effects() -> None:
    assert made(CHOICE, people("p", "ab"))["effects"] == []


def test_self_consistency_counts_repeats_beside_the_first_answers() -> None:
    repeats = people("p", "ac") + people("q", "-b")

    found = made(CHOICE, people("p", "ab") + people("q", "ab"), repeats=repeats)

    assert [row["self_consistent"] for row in found["raters"]] == [
        {"same": 1, "of": 2}, {"same": 1, "of": 1}
    ]  # fmt: skip
    assert (found["self_consistency"]["n"], found["self_consistency"]["value"]) == (
        3, pytest.approx(2 / 3)
    )  # fmt: skip
    assert "self_consistent" in found["raters"][0]["intervals"]
