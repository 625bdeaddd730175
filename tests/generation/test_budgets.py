"""The study document's budget: what it may say, and what it sets."""

from decimal import Decimal
from typing import Any

import pytest
from django.core.exceptions import ValidationError

from generation.budgets import budget_faults
from llm.actions.endpoints import ensure_endpoint
from llm.models import Budget
from studies.actions.studies import load_study
from studies.models import Study
from tests.factories import make_participant

DOCUMENT = {"slug": "fjord", "title": {"en": "Fjord"}, "stages": {"extraction": {}}}

pytestmark = pytest.mark.django_db


def load(**sections: Any) -> Study:
    return load_study(document=DOCUMENT | sections, by=None)


def limits() -> dict[str, tuple[int | None, Decimal | None]]:
    rows = Budget.objects.values_list("scope", "max_calls", "max_cost")
    return {scope: (calls, cost) for scope, calls, cost in rows}


def test_document_sets_the_study_and_its_participants() -> None:
    person = make_participant(load(), "ada")

    load(budget={"cost": 25.5, "calls": 100, "per_participant": {"cost": 0.1}})

    assert limits() == {
        "study:fjord": (100, Decimal("25.5")),
        "study:fjord:each": (None, Decimal("0.1")),
    }
    Budget.objects.create(scope=f"participant:{person.pk}", spent=Decimal("0.2"))
    load(budget={"per_participant": {"cost": 0.1}})
    assert limits()[f"participant:{person.pk}"] == (None, Decimal("0.2"))
    assert limits()["study:fjord"] == (None, None)


def test_document_without_the_section_changes_nothing() -> None:
    load(budget={"calls": 5})
    load()
    load(budget=None)

    assert limits() == {"study:fjord": (5, None)}


def test_document_that_gives_less_than_was_spent_is_refused() -> None:
    load(budget={"cost": 5})
    Budget.objects.update(spent=Decimal(3))

    with pytest.raises(ValidationError, match=r"3\.00 is spent"):
        load(budget={"cost": 2})


@pytest.mark.parametrize(
    "section",
    [
        [], "much", 5, {"money": 5}, {"cost": -1}, {"cost": "much"}, {"calls": 1.5}, {"calls": -1},
        {"cost": float("nan")}, {"cost": 1e12}, {"per_participant": 5}, {"calls": 10**12},
        {"per_participant": {"per_participant": {}}}, {"cost": 1e-12},
    ],
)  # fmt: skip
def test_bad_section_is_named(section: Any) -> None:
    assert budget_faults(section, {})


def test_conversations_need_words_that_come_one_by_one() -> None:
    ensure_endpoint(name="mute", base_url="http://localhost/v1", model="m", protocol="responses")
    converse = {"models": [{"endpoint": "mute"}]}
    consent = {"version": "1", "text": {"en": "x"}, "scopes": ["take_part", "converse"]}

    with pytest.raises(ValidationError, match="conversations need one that speaks chat"):
        load(converse=converse, consent=consent, endpoints=[{"name": "mute", "model": "m"}])
