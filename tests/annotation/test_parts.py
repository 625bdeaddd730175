"""How far a participant is with judging, stage by stage."""

from datetime import timedelta

import pytest
from django.utils import timezone

from annotation.actions.tasks import OPENING, open_all_tasks
from annotation.choices import Stage
from annotation.parts import progress_in
from studies.models import Participant
from studies.parts import Progress
from tests.samples import make_attribute, make_conversation, make_participant, make_study
from work.models import Job
from work.queue import enqueue

pytestmark = pytest.mark.django_db
OWNERS = {"extraction": {"overlap": {"owner": 1}}}
PENDING = Progress(0, None, is_done=False, is_pending=True)


@pytest.fixture
def owner() -> Participant:
    return make_participant(make_study(stages=OWNERS), "owner")


def job_about(owner: Participant, state: str = "ready") -> Job:
    """A question to a machine about the person."""
    job = enqueue(
        kind="extraction",
        key={"about": str(owner.pk)},
        payload={},
        scope=owner.study.scope,
        subject=owner.pk,
    )
    Job.objects.filter(pk=job.pk).update(
        state=state, finished_at=timezone.now() if state == "done" else None
    )
    return job


def share(owner: Participant) -> None:
    """Something said, and what a machine noted of it."""
    make_attribute(make_conversation(owner, "I live near Bern."), "Lives near Bern.", "I live")


def test_stage_with_nothing_is_not_asked(owner: Participant) -> None:
    assert progress_in(owner, Stage.EXTRACTION) is None


def test_machines_at_work_are_waited_for(owner: Participant) -> None:
    job_about(owner)

    assert progress_in(owner, Stage.EXTRACTION) == PENDING
    assert progress_in(owner, Stage.RESPONSE) is None


def test_what_machines_delivered_is_waited_for_until_it_is_opened(owner: Participant) -> None:
    share(owner)
    job_about(owner, "done")
    assert progress_in(owner, Stage.EXTRACTION) == PENDING

    open_all_tasks(study=owner.study)

    assert progress_in(owner, Stage.EXTRACTION) == Progress(0, 1, is_done=False)


def test_delivery_that_opened_nothing_is_not_waited_for(owner: Participant) -> None:
    job_about(owner, "done")
    opening = enqueue(kind=OPENING, key={"n": 1}, payload={}, scope=owner.study.scope)
    later = timezone.now() + timedelta(seconds=1)
    Job.objects.filter(pk=opening.pk).update(state="done", created_at=later)

    assert progress_in(owner, Stage.EXTRACTION) is None


def test_part_in_which_nothing_was_noted_stays_as_done(owner: Participant) -> None:
    make_conversation(owner, "Hello.")
    job_about(owner, "done")
    opening = enqueue(kind=OPENING, key={"n": 1}, payload={}, scope=owner.study.scope)
    later = timezone.now() + timedelta(seconds=1)
    Job.objects.filter(pk=opening.pk).update(state="done", created_at=later)

    assert progress_in(owner, Stage.EXTRACTION) == Progress(0, 0, is_done=True)


def test_part_that_nobody_asked_machines_about_is_not_there(owner: Participant) -> None:
    make_conversation(owner, "Hello.")

    assert progress_in(owner, Stage.EXTRACTION) is None


def test_study_without_owners_does_not_wait() -> None:
    person = make_participant(make_study(stages={"extraction": {"overlap": {"peer": 1}}}))
    job_about(person)

    assert progress_in(person, Stage.EXTRACTION) is None
