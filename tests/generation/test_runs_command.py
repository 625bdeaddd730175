"""`manage.py generate --estimate | --plan-only` and `manage.py runs`."""

import json
from io import StringIO
from typing import Any
from uuid import uuid4

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError

from collection.models import Conversation
from work.models import Job, JobResult, Revival, Run

pytestmark = pytest.mark.django_db


def command(name: str, **options: Any) -> dict[str, Any]:
    out = StringIO()
    call_command(name, study="alps", json=True, stdout=out, **options)
    document: dict[str, Any] = json.loads(out.getvalue())
    return document


def printed(name: str, **options: Any) -> str:
    out = StringIO()
    call_command(name, study="alps", stdout=out, **options)
    return out.getvalue()


@pytest.fixture
def planned(conversation: Conversation) -> Run:
    """A run that was planned and not started."""
    command("generate", stage="extraction", plan_only=True)
    return Run.objects.get()


def test_an_estimate_keeps_nothing(conversation: Conversation) -> None:
    document = command("generate", stage="extraction", estimate=True)

    assert document["estimate"]["calls"]["expected"] == 1
    assert document["plan"]["model"] == "baseline/rules"
    assert (Run.objects.count(), Job.objects.count()) == (0, 0)


def test_an_estimate_is_told_in_lines(conversation: Conversation) -> None:
    lines = printed("generate", stage="extraction", estimate=True).splitlines()

    assert lines == [
        "1 jobs, 1 calls (from a sample of 1 rendered jobs)",
        "tokens: 0 sent, 0 received (answers computed here)",
        "cost: nothing",
        "time: not known before this endpoint has answered some such questions",
    ]


def test_an_estimate_of_what_was_asked_says_so(conversation: Conversation) -> None:
    command("generate", stage="extraction")

    assert "asked already" in printed("generate", stage="extraction", estimate=True)
    JobResult.objects.all().delete()
    Job.objects.update(state="held", last_error="held: spent")
    assert "in a run already, which is held: 1 held" in printed(
        "generate", stage="extraction", estimate=True
    )
    assert Run.objects.get().state == "running"


def test_a_plan_waits_to_be_started(planned: Run) -> None:
    assert (planned.state, Job.objects.get().state) == ("planned", "held")

    document = command("runs", start=str(planned.pk))

    assert document["state"] == "running"
    assert Job.objects.get().state == "ready"


def test_only_chosen_strategies_are_asked_for(conversation: Conversation) -> None:
    with pytest.raises(CommandError, match="Only responses are made by strategies"):
        command("generate", stage="extraction", strategies=["generic"])


@pytest.mark.parametrize(
    ("acts", "state", "job"),
    [
        (["start", "pause"], "paused", "held"),
        (["start", "pause", "resume", "resume"], "running", "ready"),
        (["cancel", "cancel"], "cancelled", "cancelled"),
    ],
)
def test_runs_are_stopped_and_let_go(planned: Run, acts: list[str], state: str, job: str) -> None:
    documents = [command("runs", **{act: str(planned.pk)}) for act in acts]

    assert (documents[-1]["state"], Job.objects.get().state) == (state, job)


def test_what_failed_is_tried_again_with_a_reason(planned: Run) -> None:
    Run.objects.update(state="running")
    Job.objects.update(state="dead", last_error="no")

    command("runs", retry=str(planned.pk), reason="mended")

    assert Job.objects.get().state == "ready"
    assert list(Revival.objects.values_list("by", "reason")) == [("manage.py", "mended")]


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({"start": str(uuid4())}, "has no run"),
        ({"start": "nonsense"}, "has no run nonsense"),
        ({"pause": "RUN"}, "Only a run that goes can be paused."),
        ({"retry": "RUN"}, "Please say what has changed since."),
    ],
)
def test_what_cannot_be_done_is_said(planned: Run, options: dict[str, str], sentence: str) -> None:
    given = {name: value.replace("RUN", str(planned.pk)) for name, value in options.items()}

    with pytest.raises(CommandError, match=sentence):
        command("runs", **given)


def test_runs_are_listed(planned: Run) -> None:
    (document,) = command("runs")["runs"]

    assert (document["id"], document["state"]) == (str(planned.pk), "planned")
    assert printed("runs") == (
        f"{planned.pk}  planned  extraction by baseline/rules: 0 of 1 done\n"
    )


def test_cancelled_run_is_not_listed_as_complete(planned: Run) -> None:
    said = printed("runs", cancel=str(planned.pk))

    assert said == f"{planned.pk}  cancelled  extraction by baseline/rules: 0 of 1 done\n"
    assert printed("runs") == said
    assert command("runs")["runs"][0]["progress"]["total"] == 1
