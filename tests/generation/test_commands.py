"""`manage.py generate` and `evaluate_extraction`, as a person or a script calls them."""

import json
from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError

from bench.fakellm.replies import Scripted
from bench.fakellm.server import FakeLlm
from collection.models import Conversation
from generation.actions.attributes import add_attribute
from generation.models import Attribute
from llm.models import Endpoint
from tests.generation.machine import served
from work.models import Job

pytestmark = pytest.mark.django_db


def generate(**options: Any) -> dict[str, Any]:
    out = StringIO()
    call_command("generate", study="alps", stage="extraction", json=True, stdout=out, **options)
    report: dict[str, Any] = json.loads(out.getvalue())
    return report


def test_generate_does_the_work_where_no_worker_is_alive(conversation: Conversation) -> None:
    report = generate()

    assert (report["jobs"]["done"], report["counts"]["attributes"]) == (1, 4)
    assert report["plan"]["model"] == "baseline/rules"


def test_generate_twice_reports_the_same_run(conversation: Conversation) -> None:
    assert generate() == generate()
    assert Attribute.objects.count() == 4


def test_generate_without_waiting_leaves_the_jobs(conversation: Conversation) -> None:
    assert generate(no_wait=True)["jobs"]["ready"] == 1
    assert Job.objects.get().state == "ready"


def test_generate_exits_with_1_when_a_job_was_given_up(
    conversation: Conversation, server: FakeLlm
) -> None:
    served(server)
    server.script(Scripted(status=401, body={"error": {"message": "no"}}))

    with pytest.raises(CommandError, match="1 given up: auth"):
        generate(endpoint="fake")


def test_generate_shows_a_sentence(conversation: Conversation) -> None:
    out = StringIO()

    call_command("generate", study="alps", stage="extraction", stdout=out)

    assert "extraction by baseline/rules: 1 of 1 jobs done" in out.getvalue()


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({"study": "nope"}, "no study “nope”"),
        ({"endpoint": "nope"}, "no endpoint named “nope”"),
        ({"stage": "relevance"}, "nothing to ask"),
    ],
)
def test_generate_refuses_with_a_sentence(
    conversation: Conversation, options: dict[str, str], sentence: str
) -> None:
    with pytest.raises(CommandError, match=sentence):
        call_command("generate", **{"study": "alps", "stage": "extraction", **options})


def test_evaluate_extraction_prints_one_document(conversation: Conversation) -> None:
    assert conversation.participant
    add_attribute(participant=conversation.participant, text="vegan", conversation=conversation)
    generate()
    out = StringIO()

    call_command("evaluate_extraction", study="alps", json=True, stdout=out)

    (scores,) = json.loads(out.getvalue())["extractors"]
    assert (scores["author"], scores["conversation"]["recall"]) == ("llm:baseline/rules", 1.0)


def test_evaluate_extraction_shows_what_is_undefined(conversation: Conversation) -> None:
    generate()
    out = StringIO()

    call_command("evaluate_extraction", study="alps", stdout=out)

    assert "precision undefined" in out.getvalue()
    assert Endpoint.objects.get().name == "baseline"
