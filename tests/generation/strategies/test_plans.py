"""What the response stage plans: for whom, where their words may go, and what makes a new job."""

from typing import Any

import pytest

from bench.fakellm.server import FakeLlm
from generation.actions.prompts import add_prompt
from generation.actions.runs import plan_run
from generation.actions.selections import Choice, record_selections
from generation.models import Attribute, AttributeLink
from generation.planning.responses import idle_strategies
from generation.planning.stages import plans_for
from llm.actions.endpoints import baseline_endpoint, ensure_endpoint
from llm.models import Endpoint
from studies.actions.consents import withdraw_consent
from studies.models import Study
from tests.generation.machine import served, work_off
from tests.generation.strategies.people import ask_for, one_of, prompt_of
from work.claims import Plan
from work.models import JobResult

pytestmark = pytest.mark.django_db

ENSEMBLE = {"name": "ensemble", "policies": [{"endpoint": "policy"}]}


def plans(study: Study, *entries: Any, endpoint: Endpoint | None = None) -> list[Plan]:
    ask_for(study, *entries)
    return plans_for(study, "response", endpoint or baseline_endpoint())


def test_pool_prompts_are_asked_for_each_person_whom_a_strategy_needs(study: Study) -> None:
    study.prompts.all().delete()
    add_prompt(study=study, text="What now?")

    found = plans(study, "generic", "history")

    who: dict[object, str] = {person.pk: person.ref for person in study.participants.all()}
    assert sorted((plan.payload["strategy"], who.get(plan.subject)) for plan in found) == [
        ("generic", None), ("history", "anna"), ("history", "bela"),
    ]  # fmt: skip


def test_parameters_make_another_job(study: Study) -> None:
    keys = [
        [plan.key for plan in plans(study, {"name": "history", "tokens": tokens})]
        for tokens in (2_000, 2_000, 1_999)
    ]

    assert keys[0] == keys[1]
    assert all(one not in keys[0] for one in keys[2])


def test_payload_holds_ids_and_parameters_alone(study: Study) -> None:
    (plan, _) = plans(study, {"name": "history", "tokens": 50})

    assert plan.payload.keys() == {
        "prompt", "participant", "attributes", "turns", "strategy", "strategy_parameters",
        "endpoint",
    }  # fmt: skip
    assert "burnt" not in str(plan.payload)


def test_words_go_to_no_further_endpoint_without_consent(study: Study, server: FakeLlm) -> None:
    ensure_endpoint(name="policy", base_url=server.url, model="policy")
    withdraw_consent(participant=one_of(study), scope="models")

    found = plans(study, ENSEMBLE)

    assert {plan.subject for plan in found} == {one_of(study, "bela").pk}


def test_consent_is_looked_at_before_each_question(study: Study, server: FakeLlm) -> None:
    ensure_endpoint(name="policy", base_url=server.url, model="policy")
    plans(study, ENSEMBLE)
    plan_run(study=study, stage="response", endpoint=served(server), by="test")
    for person in study.participants.all():
        withdraw_consent(participant=person, scope="models")

    work_off()

    assert server.requests == []
    assert set(JobResult.objects.values_list("outcome", flat=True)) == {"not_allowed"}


def test_run_says_which_strategies_have_nothing_to_do(study: Study) -> None:
    ask_for(study, "generic", "relevant_attributes:peers", {**ENSEMBLE, "arm": "lost"})

    run = plan_run(study=study, stage="response", endpoint=baseline_endpoint(), by="test")

    assert run.plan["idle"] == {
        "relevant_attributes:peers": "It needs a decision on which attributes matter for the "
        "prompt, a person to answer for.",
        "ensemble:lost": "There is no endpoint named “policy”.",
    }


def test_strategies_of_another_kind_of_endpoint_are_idle(study: Study, server: FakeLlm) -> None:
    vectors = Endpoint.Protocol.EMBEDDINGS
    ensure_endpoint(name="policy", base_url=server.url, model="words", protocol=vectors)

    assert plans(study, ENSEMBLE) == []
    assert idle_strategies(study, []) == {"ensemble": "The endpoint “policy” is none for answers."}


def test_relevant_attributes_are_those_that_still_stand(study: Study) -> None:
    prompt = prompt_of(study)
    own = list(Attribute.objects.filter(participant=prompt.participant).order_by("text"))
    record_selections(
        study=study, source="owner", choices=[Choice(prompt.pk, row.pk, True) for row in own]
    )
    AttributeLink.objects.create(
        study=study, attribute=own[0], other=own[1], kind="duplicate", replaces=True, author="x"
    )

    (plan,) = plans(study, "relevant_attributes:owner")

    assert set(plan.payload["attributes"]) == {str(row.pk) for row in own[1:]}


def test_planning_reads_each_person_once(study: Study, django_assert_max_num_queries: Any) -> None:
    names = ["history", "all_attributes", "relevant_attributes", "retrieved_turns:bm25"]
    for number in range(20):
        add_prompt(study=study, text=f"And {number}?", participant=one_of(study))
    ask_for(study, *names)
    endpoint = baseline_endpoint()

    with django_assert_max_num_queries(12):
        plans_for(study, "response", endpoint)
