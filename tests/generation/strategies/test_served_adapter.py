"""Served adapter: another model's name at the same server, one per person or one for all."""

import pytest

from bench.fakellm.server import FakeLlm
from generation.actions.prompts import add_prompt
from generation.models import Response
from studies.models import Study
from tests.generation.machine import served
from tests.generation.strategies.people import responses_by

pytestmark = pytest.mark.django_db

EACH = {"name": "served_adapter", "model": "lora-{participant}"}
FOR_ALL = {"name": "served_adapter", "model": "lora-all", "arm": "all"}


def test_adapter_of_each_person_is_asked_by_its_name(study: Study, server: FakeLlm) -> None:
    found = responses_by(study, EACH, endpoint=served(server))

    assert {name: row.model for name, row in found.items()} == {
        "anna": "lora-anna", "bela": "lora-bela",
    }  # fmt: skip
    assert {request["model"] for request in server.requests} == {"lora-anna", "lora-bela"}
    assert found["anna"].provenance["model_asked"] == "lora-anna"
    assert found["anna"].provenance["strategy_parameters"] == {"model": "lora-{participant}"}


def test_adapters_each_and_for_all_are_told_apart(study: Study, server: FakeLlm) -> None:
    responses_by(study, EACH, FOR_ALL, endpoint=served(server))

    rows = Response.objects.filter(participant__ref="anna").order_by("strategy")
    assert list(rows.values_list("strategy", "model")) == [
        ("served_adapter", "lora-anna"), ("served_adapter:all", "lora-all"),
    ]  # fmt: skip


def test_prompt_of_the_pool_goes_to_each_adapter_and_once_to_that_for_all(
    study: Study, server: FakeLlm
) -> None:
    study.prompts.all().delete()
    add_prompt(study=study, text="What now?")

    responses_by(study, EACH, FOR_ALL, endpoint=served(server))

    names = sorted(request["model"] for request in server.requests)
    assert names == ["lora-all", "lora-anna", "lora-bela"]


def test_rules_answer_under_their_own_name(study: Study) -> None:
    found = responses_by(study, EACH)

    assert found["anna"].model == found["anna"].provenance["model_answered"] == "baseline/rules"
