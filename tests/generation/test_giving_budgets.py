"""Budgets as somebody who runs the site sets them: of a study, its participants, an endpoint."""

from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError
from django.core.management import CommandError, call_command
from django.test import Client

from generation.actions.budgets import give_budget
from llm.models import Budget, Endpoint
from studies.models import Participant, Study, User
from tests.samples import make_participant

pytestmark = pytest.mark.django_db
ADDRESS = "/operations/"


@pytest.fixture
def anna(study: Study) -> Participant:
    return make_participant(study, "anna")


@pytest.fixture
def operator(db: None) -> Client:
    browser = Client()
    browser.force_login(User.objects.create_user("root", is_staff=True))
    return browser


def given(scope: str, participant: str = "") -> Budget:
    return give_budget(
        scope=scope, participant=participant, max_calls=5, max_cost=Decimal("0.5"), by="root"
    )


def kept() -> dict[str, tuple[int | None, str]]:
    rows = Budget.objects.values_list("scope", "max_calls", "set_by")
    return {scope: (calls, by) for scope, calls, by in rows}


def test_budget_of_one_participant_is_set_by_their_ref(study: Study, anna: Participant) -> None:
    given(study.scope, "anna")

    assert kept() == {f"participant:{anna.pk}": (5, "root")}


def test_share_goes_to_those_who_have_a_budget_and_to_all_who_come(
    study: Study, anna: Participant
) -> None:
    Budget.objects.create(scope=f"participant:{anna.pk}", max_calls=9, calls=7)

    given(f"{study.scope}:each")

    assert kept() == {
        f"participant:{anna.pk}": (7, ""),  # no less than was asked already
        f"{study.scope}:each": (5, "root"),
    }


def test_endpoint_has_a_budget_of_its_own(db: None) -> None:
    endpoint = Endpoint.objects.create(name="m", base_url="http://127.0.0.1:9/v1", model="m")

    assert given(f"endpoint:{endpoint.pk}").max_cost == Decimal("0.5")


@pytest.mark.parametrize(
    ("scope", "participant", "sentence"),
    [
        ("study:alps", "bela", "The study alps has no participant “bela”."),
        ("study:nowhere", "anna", "The study nowhere has no participant “anna”."),
        ("study:alps:each", "anna", "Choose the study itself"),
        ("endpoint:x", "anna", "Choose the study itself"),
        ("study:nowhere:each", "", "There is no study “nowhere”."),
        ("endpoint:x", "", "is no id"),
    ],
)
def test_what_there_is_not_is_said(
    anna: Participant, scope: str, participant: str, sentence: str
) -> None:
    with pytest.raises(ValidationError) as refusal:
        given(scope, participant)

    assert sentence in " ".join(refusal.value.messages)
    assert kept() == {}


@pytest.mark.parametrize(
    ("said", "scope"),
    [
        ({"scope": "study:alps", "participant": "anna"}, "participant:"),
        ({"scope": "study:alps:each"}, "study:alps:each"),
        ({"scope": "study:alps"}, "study:alps"),
    ],
)
def test_page_sets_them(
    operator: Client, anna: Participant, said: dict[str, str], scope: str
) -> None:
    answer = operator.post(f"{ADDRESS}budgets/", {**said, "max_calls": "5"}, follow=True)

    assert "The budget is set." in answer.content.decode()
    assert Budget.objects.get().scope.startswith(scope)


@pytest.mark.parametrize(
    ("said", "sentence"),
    [
        ({"participant": "bela", "max_calls": "5"}, "has no participant “bela”"),
        ({"max_calls": "1"}, "2 questions were put already; the budget cannot be less."),
    ],
)
def test_page_says_beside_the_field_what_is_wrong(
    operator: Client, anna: Participant, said: dict[str, str], sentence: str
) -> None:
    Budget.objects.create(scope="study:alps", calls=2)

    answer = operator.post(f"{ADDRESS}budgets/", {"scope": "study:alps", **said})

    assert answer.status_code == 422
    assert answer.context["form"].errors.keys() == {next(iter(said))}
    assert sentence in answer.content.decode()


def test_command_sets_and_keeps_the_other_limit(study: Study, anna: Participant) -> None:
    whose = ["--scope", "study:alps", "--participant", "anna"]
    call_command("budget", *whose, "--max-calls", "5", "--json")
    call_command("budget", *whose, "--max-cost", "2", "--json")

    budget = Budget.objects.get()
    assert (budget.scope, budget.max_calls) == (f"participant:{anna.pk}", 5)
    assert budget.max_cost == 2


def test_command_says_who_there_is_not(study: Study) -> None:
    with pytest.raises(CommandError, match="has no participant"):
        call_command("budget", "--scope", "study:alps", "--participant", "x", "--max-calls", "5")
