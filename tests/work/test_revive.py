"""`manage.py revive`: dead jobs get another chance, and who asked is kept."""

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError

from work.errors import GiveUp
from work.models import Job, Revival
from work.queue import claim, enqueue, fail

pytestmark = pytest.mark.django_db


def test_revive_gives_dead_jobs_another_chance(capsys: pytest.CaptureFixture[str]) -> None:
    job = enqueue(kind="k", key={"n": 1}, payload={}, scope="study:alps")
    held = claim("w")
    assert held
    fail(held, GiveUp("no"))

    call_command("revive", study="alps", reason="mended")

    job.refresh_from_db()
    assert (job.state, Revival.objects.get().reason) == (Job.State.READY, "mended")
    assert capsys.readouterr().out == "1 jobs have another chance.\n"


def test_revive_wants_a_reason(db: None) -> None:
    with pytest.raises(CommandError, match="what has changed"):
        call_command("revive", study="alps", reason=" ")


def test_revive_says_when_there_is_nothing(db: None) -> None:
    with pytest.raises(CommandError, match="No job"):
        call_command("revive", study="alps", reason="mended")
