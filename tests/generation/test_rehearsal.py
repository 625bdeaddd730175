"""The questions of a response job rendered without asking them, by the code that asks."""

from typing import Any

import pytest

from bench.fakellm.server import FakeLlm
from generation.actions.prompts import add_prompt
from generation.actions.runs import plan_run
from generation.questions import questions_of
from llm.actions.endpoints import ensure_endpoint
from llm.models import Call, Endpoint
from studies.models import Study
from tests.generation.machine import served, work_off
from tests.generation.strategies.people import ask_for, make_people, one_of
from work.models import Job, Run

pytestmark = pytest.mark.django_db


@pytest.fixture
def study() -> Study:
    """Anna and Bela."""
    return make_people()


def planned(study: Study, server: FakeLlm, entry: Any) -> Run:
    vectors = Endpoint.Protocol.EMBEDDINGS
    ensure_endpoint(name="vectors", base_url=server.url, model="words", protocol=vectors)
    ask_for(study, entry)
    return plan_run(study=study, stage="response", endpoint=served(server), by="test")


@pytest.mark.parametrize(
    ("entry", "tasks"),
    [
        ("generic", ["response"]),
        ("contrastive", ["response"] * 3),
        ("profile_summary", ["profile", "response"]),
        ({"name": "retrieved:hybrid", "embeddings": "vectors"},
         ["embedding", "embedding", "response"]),
        ({"name": "ensemble", "policies": [{"endpoint": "default"}], "samples": 2},
         ["response", "response", "ranking"]),
    ],
)  # fmt: skip
def test_rehearsal_asks_nobody(study: Study, server: FakeLlm, entry: Any, tasks: list[str]) -> None:
    planned(study, server, entry)

    for job in Job.objects.all():
        assert [posed.question.task for posed in questions_of(job)] == tasks
    assert (server.requests, Call.objects.count()) == ([], 0)


def test_rehearsed_questions_are_those_that_are_asked(study: Study, server: FakeLlm) -> None:
    planned(study, server, "all_attributes")
    rehearsed = [
        posed.question.messages for job in Job.objects.all() for posed in questions_of(job)
    ]

    work_off()

    asked = [request["messages"] for request in server.requests]
    assert sorted(map(str, asked)) == sorted(map(str, rehearsed))


def test_summary_is_counted_once_per_person(study: Study, server: FakeLlm) -> None:
    for number in range(3):
        add_prompt(study=study, text=f"And {number}?", participant=one_of(study))
    planned(study, server, "profile_summary")

    tasks = [posed.question.task for job in Job.objects.all() for posed in questions_of(job)]

    assert (tasks.count("profile"), tasks.count("response")) == (2, 5)
