"""Whose words may go where, and what makes a question another question."""

import pytest
from django.utils import timezone

from generation.actions.attributes import add_attribute
from generation.actions.prompts import add_prompt
from generation.actions.selections import Choice, record_selections
from generation.allowed import may_be_sent
from generation.planning.stages import plans_for
from llm.actions.endpoints import baseline_endpoint, ensure_endpoint
from llm.models import Endpoint
from studies.models import Consent, Participant, Study
from tests.samples import make_conversation, make_participant

pytestmark = pytest.mark.django_db


@pytest.fixture
def third_party() -> Endpoint:
    return ensure_endpoint(name="far", base_url="http://127.0.0.1:9/v1", model="m")


def person(study: Study, basis: str, *scopes: str) -> Participant:
    participant = make_participant(study, ref=f"{basis}-{len(scopes)}", scopes=scopes)
    Participant.objects.filter(pk=participant.pk).update(basis=basis)
    return participant


@pytest.mark.parametrize(
    ("basis", "scopes", "here", "there"),
    [
        ("platform", ["take_part", "models"], True, True),
        ("platform", ["take_part"], True, False),
        ("platform", [], False, False),
        ("external", ["peers"], True, False),
        ("none", [], True, False),
        ("none", ["models"], True, True),
    ],
)
def test_words_go_where_their_owner_allowed(
    study: Study, third_party: Endpoint, basis: str, scopes: list[str], here: bool, there: bool
) -> None:
    participant = person(study, basis, *scopes)

    assert may_be_sent(participant.pk, baseline_endpoint()) is here
    assert may_be_sent(participant.pk, third_party) is there


def test_words_of_those_who_left_go_nowhere(study: Study, third_party: Endpoint) -> None:
    participant = person(study, "external", "take_part", "models")
    Consent.objects.update(withdrawn_at=timezone.now())

    assert not may_be_sent(participant.pk, baseline_endpoint())
    assert not may_be_sent(participant.pk, third_party)


def test_words_of_nobody_go_anywhere(third_party: Endpoint) -> None:
    assert may_be_sent(None, third_party)


def test_conversations_without_words_of_the_user_are_not_asked_about(study: Study) -> None:
    make_conversation(make_participant(study), " ", "Hello?")

    assert plans_for(study, "extraction", baseline_endpoint()) == []


def test_another_model_is_another_question(study: Study, third_party: Endpoint) -> None:
    make_conversation(make_participant(study), "I like tea")

    keys = [
        plans_for(study, "extraction", endpoint)[0].key
        for endpoint in (third_party, baseline_endpoint())
    ]

    assert keys[0] != keys[1]


def test_a_pool_prompt_is_asked_for_each_person(study: Study) -> None:
    for ref in ("p1", "p2"):
        add_attribute(participant=make_participant(study, ref), text="Likes tea")
    add_prompt(study=study, text="Which tea?")

    plans = plans_for(study, "relevance", baseline_endpoint())

    assert {plan.subject for plan in plans} == set(study.participants.values_list("pk", flat=True))


def test_a_pool_prompt_has_one_generic_response_and_personal_ones(study: Study) -> None:
    attributes = [
        add_attribute(participant=make_participant(study, ref), text="Likes tea")
        for ref in ("p1", "p2")
    ]
    prompt = add_prompt(study=study, text="Which tea?")
    choices = [Choice(prompt.pk, attribute.pk, True) for attribute in attributes]
    record_selections(study=study, source="owner", choices=choices)

    plans = plans_for(study, "response", baseline_endpoint())

    strategies = sorted(plan.payload["strategy"] for plan in plans)
    assert strategies == ["generic", *["relevant_attributes:owner"] * 2]
