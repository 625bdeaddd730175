"""A judge's card from answers: known judges, and nothing made up where something is missing."""

import subprocess
import sys
from typing import Any

import pytest

from annotation.agreement.units import UnitFacts
from annotation.judge_cards.card import card_of
from tests.annotation.judge_cards.constructions import (
    PREFERENCE,
    QUALITY,
    person,
    response,
    said,
    subject_of,
)


def first_always(units: int) -> list[Any]:
    """A judge that prefers whatever stands first."""
    return [
        answer
        for n in range(units)
        for answer in (said(f"i{n}", "1"), said(f"i{n}", "2", swapped=True))
    ]


def figures(card: dict[str, Any]) -> list[dict[str, Any]]:
    """Every figure of a card."""
    found = [card] if "value" in card else []
    return found + [
        row for value in card.values() if isinstance(value, dict) for row in figures(value)
    ]


def test_judge_that_always_picks_the_first() -> None:
    answers = first_always(6)
    people = [person(f"i{n}", "1", swapped=n % 2 == 1) for n in range(6)]

    card = card_of(subject_of(PREFERENCE, answers + people), answers, "m")

    assert card["orders"]["flip_rate"] == {"value": 1, "n": 6}
    position = card["bias"]["position"]
    assert (position["judge"]["value"], position["people"]["value"]) == (1, 0.5)
    assert position["difference"]["value"] == 0.5
    assert card["calibration"]["accuracy"]["value"] == 0.5


def test_judge_of_one_order_says_nothing_of_positions() -> None:
    answers = [said("i1", "1")]

    card = card_of(subject_of(PREFERENCE, answers), answers, "m")

    assert "stored order" in card["bias"]["position"]["judge"]["reason"]
    assert card["orders"]["flip_rate"]["value"] is None


def test_judge_without_people_has_no_figure_beside_them() -> None:
    answers = first_always(3)

    card = card_of(subject_of(PREFERENCE, answers), answers, "m")

    assert card["beside_people"] == 0
    assert card["calibration"]["ece_width"]["value"] is None
    assert card["bias"]["length"]["difference"]["value"] is None


def test_every_figure_has_n_and_a_value_or_a_reason() -> None:
    answers = [*first_always(2), said("i9", None), person("i0", "1")]

    card = card_of(subject_of(PREFERENCE, answers), answers[:-1], "m")

    rows = figures(card)
    assert len(rows) > 20
    assert all("n" in row and ((row["value"] is None) == ("reason" in row)) for row in rows)


def test_judge_that_prefers_its_own_answers() -> None:
    facts = {
        f"i{n}": UnitFacts(f"p{n}", response(model="m" if n % 2 else "x"), response(model="y"))
        for n in range(6)
    }
    answers = [said(f"i{n}", "1" if n % 2 else "2") for n in range(6)]
    people = [person(f"i{n}", "2") for n in range(6)]

    own = card_of(subject_of(PREFERENCE, answers + people, facts), answers, "m")["bias"]["own"]

    assert (own["judge"]["value"], own["people"]["value"], own["judge"]["n"]) == (1, 0, 3)


def test_judge_that_prefers_outright_mention() -> None:
    facts = {
        f"i{n}": UnitFacts(f"p{n}", response(mentions=False), response(mentions=True))
        for n in range(3)
    }
    facts["i3"] = UnitFacts("p3", response(mentions=None), response(mentions=True))
    answers = [said(f"i{n}", "2") for n in range(4)]
    people = [person(f"i{n}", "tie") for n in range(4)]

    card = card_of(subject_of(PREFERENCE, answers + people, facts), answers, "m")

    mention = card["bias"]["mention"]
    assert (mention["judge"]["value"], mention["people"]["value"]) == (1, 0.5)
    assert mention["judge"]["n"] == 3


def test_generous_judge_is_inflated_in_steps_of_the_scale() -> None:
    answers = [said("i1", "good"), said("i2", "good")]
    people = [person("i1", "fair"), person("i2", "poor"), person("i2", "fair", rater="w2")]

    shift = card_of(subject_of(QUALITY, answers + people), answers, "m")["bias"]["shift"]

    assert (shift["value"], shift["n"]) == (1.25, 2)


def test_comparison_cannot_be_inflated() -> None:
    answers = [said("i1", "1"), person("i1", "1")]

    shift = card_of(subject_of(PREFERENCE, answers), answers[:1], "m")["bias"]["shift"]

    assert shift == {
        "value": None,
        "n": 0,
        "reason": "a comparison has no level that could be inflated",
    }


def test_single_responses_have_a_slope_alone() -> None:
    facts = {f"i{n}": UnitFacts(f"p{n}", response(length=100 * 2**n)) for n in range(3)}
    answers = [said(f"i{n}", value) for n, value in enumerate(("poor", "fair", "good"))]
    people = [person(f"i{n}", "fair") for n in range(3)]

    length = card_of(subject_of(QUALITY, answers + people, facts), answers, "m")["bias"]["length"]

    assert length["slope"]["value"] == pytest.approx(1)
    assert length["difference"]["value"] is None


def test_reference_owner_counts_owners_alone() -> None:
    answers = [said("i1", "1", sample=n) for n in range(2)]
    people = [person("i1", "2"), person("i1", "1", rater="o", role="owner")]
    whole = answers + people

    by_owner = card_of(subject_of(PREFERENCE, whole, reference="owner"), answers, "m")
    by_people = card_of(subject_of(PREFERENCE, whole), answers, "m")

    assert by_owner["calibration"]["accuracy"] == {"value": 1, "n": 1}
    assert by_people["calibration"]["accuracy"]["value"] is None


def test_later_revision_and_unusable_answers() -> None:
    answers = [said("i1", "1"), said("i1", "2", revision=2), said("i2", None)]

    card = card_of(subject_of(PREFERENCE, answers), answers, "m")

    assert (card["n"], card["unusable"]) == (2, 1)


def test_cards_know_no_django() -> None:
    code = "import sys, annotation.judge_cards.card; assert 'django' not in sys.modules"

    subprocess.run([sys.executable, "-c", code], check=True)


def test_answers_asked_for_because_others_disagreed_are_votes_and_part_of_no_mean() -> None:
    answers = [said("i1", "good"), said("i2", "good")]
    asked = [person("i1", "good"), person("i1", "poor", rater="w2")]
    more = [person(unit, "poor", rater="w3", added=True, swapped=True) for unit in ("i1", "i2")]

    subject = subject_of(QUALITY, answers + asked + more)

    assert (subject.people.reference("i1"), dict(subject.people.numbers)) == ("poor", {"i1": 1.0})
    assert card_of(subject, answers, "m")["bias"]["shift"]["value"] == 1.0
    verdicts = [person("i1", "1"), person("i1", "2", rater="w2", added=True)]
    assert subject_of(PREFERENCE, verdicts).people.first_shown == {"i1": (1.0, 1)}
