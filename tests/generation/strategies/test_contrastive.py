"""Contrastive: two drafts and an answer, in one job."""

import pytest

from bench.fakellm.server import FakeLlm
from generation.models import Response
from llm.models import Call
from studies.models import Study
from tests.generation.machine import served
from tests.generation.strategies.people import KNOWN, given_to, responses_by, systems

pytestmark = pytest.mark.django_db


def test_contrastive_compares_two_drafts(study: Study, server: FakeLlm) -> None:
    server.answer = lambda request: f"Draft {len(server.requests)}"

    found = responses_by(study, "contrastive", endpoint=served(server))

    assert sorted(given_to(found["anna"])) == sorted(text for text, _ in KNOWN["anna"])
    final = [text for text in systems(server.requests) if '"personal": "Draft' in text]
    assert len(final) == 2
    assert '"generic": "Draft' in final[0]


def test_contrastive_names_the_calls_of_its_drafts(study: Study, server: FakeLlm) -> None:
    found = responses_by(study, "contrastive", endpoint=served(server))["anna"]

    drafts = found.provenance["drafts"]
    assert found.provenance["calls"] == [
        drafts["generic"], drafts["personal"], str(found.call_id),
    ]  # fmt: skip
    calls = Call.objects.filter(pk__in=found.provenance["calls"])
    assert found.provenance["prompt_tokens"] == sum(call.prompt_tokens or 0 for call in calls)
    assert found.provenance["prompt_version"].startswith("response-contrast@")


def test_contrastive_works_by_rules(study: Study) -> None:
    responses_by(study, "contrastive")

    assert Response.objects.count() == 2
    assert Call.objects.count() == 6
