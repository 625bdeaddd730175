"""A job's questions are rendered for its price exactly as they are asked."""

from typing import Any

import pytest

from annotation.actions.judging import plan_judging
from bench.fakellm.server import FakeLlm
from collection.models import Conversation
from generation.actions.runs import plan_run
from generation.questions import questions_of
from studies.models import Study
from tests.generation.machine import run_stage, served, work_off
from tests.samples import pairwise_study
from work.actions.runs import start
from work.keys import canonical_json
from work.models import Run

pytestmark = pytest.mark.django_db


def rendered(run: Run) -> list[Any]:
    return [
        [*(message["content"] for message in posed.question.messages), canonical_json(posed.schema)]
        for job in run.jobs.all()
        for posed in questions_of(job)
    ]


def sent(server: FakeLlm) -> list[Any]:
    return [
        [*(message["content"] for message in body["messages"]), canonical_json(schema_in(body))]
        for body in server.requests
    ]


def schema_in(body: dict[str, Any]) -> Any:
    return body["response_format"]["json_schema"]["schema"] if "response_format" in body else None


def asked_of(run: Run, server: FakeLlm) -> tuple[list[Any], list[Any]]:
    """What was rendered beforehand, and what then left; in one order."""
    before, already = rendered(run), len(sent(server))
    start(run=run)
    work_off()
    return sorted(before), sorted(sent(server)[already:])


@pytest.mark.parametrize("stage", ["extraction", "relevance", "response"])
def test_stage_asks_what_was_rendered(
    conversation: Conversation, server: FakeLlm, stage: str
) -> None:
    study, endpoint = conversation.study, served(server)
    study.prompts.create(participant=conversation.participant, ref="q1", text="What can I cook?")
    for earlier in ["extraction", "relevance", "response"]:
        if earlier == stage:
            break
        run_stage(study, earlier, endpoint)
    run = plan_run(study=study, stage=stage, endpoint=endpoint, by="test", starts=False)

    before, left = asked_of(run, server)

    assert before == left != []


def test_judge_asks_what_was_rendered(server: FakeLlm) -> None:
    study: Study = pairwise_study(2)
    served(server)
    study.document["judges"] = [{"name": "plain", "endpoint": "fake"}]
    study.save()
    run = plan_judging(study=study, stage="response", judge_name="plain", by="test", starts=False)

    before, left = asked_of(run, server)

    assert before == left != []
