"""Machines begin by themselves with what people share and write, and nobody waits for the dead."""

from datetime import UTC, datetime

import pytest
from django.db import connection
from django.db.models.functions import Now
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from annotation.actions.assignments import claim_next
from annotation.actions.judgments import Entry, submit_assignment
from annotation.actions.raters import rater_for_participant
from annotation.models import Assignment
from annotation.screens import screen_of
from generation.actions.automatic import AUTOMATIC, plan_automatic, plan_for
from generation.actions.owning import write_prompts
from generation.automatic import automatic_faults, is_at_work
from generation.models import Response
from generation.stages import STAGES as ALL
from llm.models import Endpoint
from studies.models import Participant, Study
from tests.generation.conftest import FIRST, SECOND
from tests.generation.machine import work_off
from tests.samples import make_conversation, make_participant, make_study
from work import registry
from work.actions.runs import cancel_run
from work.models import Job, Run

pytestmark = pytest.mark.django_db

STAGES = {stage: {"overlap": {"owner": 1}} for stage in ("extraction", "relevance", "response")}

MATTERS = {"relevance": "must", "comfort": "comfortable"}


@pytest.fixture
def owner() -> Participant:
    """Somebody who just shared a conversation in a study where machines work unasked."""
    study = make_study(
        stages=STAGES,
        automatic=list(STAGES),
        prompts={},
        strategies=["generic", "relevant_attributes:owner"],
    )
    owner = make_participant(study, "owner")
    share(owner)
    return owner


def share(owner: Participant, ref: str = "c1") -> None:
    """Another conversation of theirs, shared now."""
    conversation = make_conversation(owner, FIRST, "How about soup?", SECOND, "Sure.", ref=ref)
    conversation.shared_at = timezone.now()
    conversation.save()


def sweep_and_work() -> None:
    """What the sweeper does, and the worker after it, until both have nothing to do."""
    for _round in range(2):
        for periodic in registry.periodics():
            if periodic.name in (AUTOMATIC, "open_tasks"):
                periodic.act(datetime.now(UTC))
        work_off()


def places(stage: str) -> int:
    return Assignment.objects.filter(stage=stage, role="owner", state="free").count()


def select_all(owner: Participant) -> None:
    """The owner says of each attribute that it matters."""
    rater = rater_for_participant(owner)
    while place := claim_next(study=owner.study, stage="relevance", role="owner", rater=rater):
        shown = screen_of(place).items
        entries = [Entry(item=item.ref, answers=MATTERS, seconds=1) for item in shown]
        submit_assignment(assignment_id=place.pk, rater=rater, fence=place.fence, entries=entries)


def test_stages_follow_what_the_owner_does(owner: Participant) -> None:
    sweep_and_work()
    assert (places("extraction"), places("relevance"), places("response")) == (1, 0, 0)

    write_prompts(participant=owner, texts=["What is for dinner?", "A plan for Sunday?"])
    sweep_and_work()
    assert (places("relevance"), places("response")) == (2, 0)

    select_all(owner)
    sweep_and_work()
    assert sorted(Response.objects.values_list("strategy", flat=True)) == [
        *["generic"] * 2,
        *["relevant_attributes:owner"] * 2,
    ]
    assert places("response") == 2


def test_the_same_is_asked_once(owner: Participant) -> None:
    sweep_and_work()
    plan_automatic(datetime.now(UTC))
    share(owner, "c2")
    sweep_and_work()

    assert Job.objects.filter(kind="extraction").count() == 2
    assert Run.objects.filter(kind="extraction").count() == 1


def test_cancelled_run_keeps_nothing_that_is_shared_later(owner: Participant) -> None:
    sweep_and_work()
    cancel_run(run=Run.objects.get(kind="extraction"), by="ada")

    share(owner, "c2")
    sweep_and_work()

    extraction = Job.objects.filter(kind="extraction").order_by("created_at")
    states = list(extraction.values_list("run__state", "state"))
    assert states == [("cancelled", "done"), ("running", "done")]


def test_what_changed_since_is_not_asked_again(owner: Participant) -> None:
    write_prompts(participant=owner, texts=["Dinner?", "Sunday?"])
    sweep_and_work()
    asked = Job.objects.filter(kind="relevance").count()

    owner.attributes.first().delete()  # type: ignore[union-attr]

    assert plan_for(participant=owner, stage="relevance") == 0
    assert asked == Job.objects.filter(kind="relevance").count() == 2


def test_machines_are_at_work_until_they_delivered(owner: Participant) -> None:
    assert is_at_work(owner, "extraction")
    plan_automatic(datetime.now(UTC))
    assert is_at_work(owner, "extraction")

    work_off()

    assert not is_at_work(owner, "extraction")


def test_nobody_waits_for_a_dead_job(owner: Participant) -> None:
    plan_automatic(datetime.now(UTC))
    Job.objects.update(state="dead")

    assert not is_at_work(owner, "extraction")


def test_nobody_waits_for_long(owner: Participant) -> None:
    plan_automatic(datetime.now(UTC))
    Job.objects.update(created_at=datetime(2026, 1, 1, tzinfo=UTC))

    assert not is_at_work(owner, "extraction")


def test_what_may_not_be_sent_is_not_waited_for(owner: Participant) -> None:
    Endpoint.objects.create(name="far", base_url="http://127.0.0.1:9/v1", model="m")
    Study.objects.update(
        document=owner.study.document | {"endpoints": [{"name": "far", "model": "m"}]}
    )
    owner.consents.filter(scope="models").update(withdrawn_at=timezone.now())
    owner = Participant.objects.get(pk=owner.pk)

    plan_automatic(datetime.now(UTC))

    assert not Job.objects.exists()
    assert not is_at_work(owner, "extraction")


CLOSED = {"state": "closed", "closed_at": Now()}


@pytest.mark.parametrize("change", [CLOSED, {"document": {"slug": "alps"}}])
def test_study_that_is_closed_or_does_not_ask_starts_nothing(
    owner: Participant, change: dict[str, object]
) -> None:
    Study.objects.update(**change)

    plan_automatic(datetime.now(UTC))

    assert not Job.objects.exists()
    assert not is_at_work(Participant.objects.get(pk=owner.pk), "extraction")


def test_quiet_study_costs_the_same_for_1_and_6_people(owner: Participant) -> None:
    sweep_and_work()
    alone = queries_of_planning()
    for number in range(5):
        share(make_participant(owner.study, f"p{number}"), f"p{number}")
    sweep_and_work()

    assert queries_of_planning() == alone


def queries_of_planning() -> int:
    with CaptureQueriesContext(connection) as queries:
        plan_automatic(datetime.now(UTC))
    return len(queries)


def test_section_names_its_faults() -> None:
    assert automatic_faults(["extraction", "response"], {}) == automatic_faults(None, {}) == []
    assert automatic_faults("extraction", {}) == [
        ((), f"This must be a list of stages: {', '.join(ALL)}.")
    ]
    assert [path for path, _ in automatic_faults(["extraction", "extraction", "x"], {})] == [
        (1,),
        (2,),
    ]
