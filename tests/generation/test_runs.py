"""How a run is waited for at the command line: what is told, and that Ctrl-C leaves it going."""

import io
import os
import signal

import pytest
from django.core.management import call_command

from collection.models import Conversation
from generation.actions.runs import plan_run
from generation.management import waiting
from generation.watching import Closed, Watch
from llm.actions.endpoints import baseline_endpoint
from llm.queries import Spending
from work.models import Job, Run
from work.queries import Progress

MIDWAY = Watch(
    run=Run(scope="study:alps", kind="extraction"),
    progress=Progress(
        ready=19, leased=0, done=12, dead=10, cancelled=0, held=0,
        outcomes={}, failures={"net_connect": 10},
    ),
    per_minute=19,
    spending=Spending(cost=1),  # type: ignore[arg-type]  # a whole sum will do
    held={},
    closed=[],
    last_done=None,
)  # fmt: skip


def test_teller_says_rate_time_left_money_and_failures(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(waiting, "TELL_SECONDS", 0.0)
    output = io.StringIO()

    waiting.Teller(output).tell(MIDWAY)

    assert output.getvalue() == (
        "12 of 41 done, 19/min, 60 s left, spent 1.0000, 10 given up: net_connect (10)\n"
    )


def test_teller_is_silent_right_after_the_start() -> None:
    output = io.StringIO()

    waiting.Teller(output).tell(MIDWAY)

    assert output.getvalue() == ""


@pytest.mark.django_db
def test_ctrl_c_leaves_the_run_going_and_says_so(
    conversation: Conversation, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def interrupt(*_of: object) -> None:
        os.kill(os.getpid(), signal.SIGINT)

    monkeypatch.setattr(waiting, "_pass_time", interrupt)

    with pytest.raises(SystemExit) as left:
        call_command("generate", study="alps", stage="extraction")

    assert left.value.code == 130
    assert "The run goes on without this command." in capsys.readouterr().err
    assert (Run.objects.get().state, Job.objects.get().state) == ("running", "ready")


@pytest.mark.django_db
def test_waiting_ends_where_only_a_person_can_help(conversation: Conversation) -> None:
    study = conversation.study
    run = plan_run(study=study, stage="extraction", endpoint=baseline_endpoint(), by="test")
    Job.objects.update(state="held", last_error="held: spent")

    assert waiting.wait_for(run)


def test_what_a_run_waits_for_is_told() -> None:
    closed = Closed("endpoint:a", "rate_limited", None)  # type: ignore[arg-type]  # not told
    seen = Watch(MIDWAY.run, MIDWAY.progress, 0, Spending(), {}, closed=[closed], last_done=None)

    assert waiting.how_it_goes(seen) == "waits: rate_limited, 10 given up: net_connect (10)"
