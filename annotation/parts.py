"""How far a participant is with judging: one part per stage."""

from django.db.models import Max
from django.db.models.functions import Now

from annotation.actions.raters import rater_for_participant
from annotation.actions.tasks import OPENING, overlap_of, stage_section
from annotation.choices import Role, Stage
from annotation.duties import duty_in
from generation.automatic import LONGEST_WAIT, is_at_work
from studies.models import Participant
from studies.parts import Measure, Progress
from work.models import Job


def measure_of(stage: Stage) -> Measure:
    """The measure of one stage."""

    def measure(participant: Participant) -> Progress | None:
        return progress_in(participant, stage)

    return measure


def progress_in(participant: Participant, stage: Stage) -> Progress | None:
    """None where nothing of the stage waits for the participant, was judged, or is on its way."""
    rater = rater_for_participant(participant)
    duty = duty_in(participant=participant, rater=rater, stage=stage)
    if not duty.waiting and _is_on_its_way(participant, stage):
        return Progress(duty.done, None, is_done=False, is_pending=True)
    if not (duty.done or duty.waiting):
        return None
    return Progress(duty.done, duty.total, is_done=not duty.waiting)


def _is_on_its_way(participant: Participant, stage: Stage) -> bool:
    """Will owners of this study have something of their own to judge before long?"""
    section = stage_section(participant.study, stage)
    if section is None or not overlap_of(section).get(Role.OWNER):
        return False
    return is_at_work(participant, stage) or _is_unopened(participant, stage)


def _is_unopened(participant: Participant, stage: Stage) -> bool:
    """Have machines delivered what no task shows yet?"""
    delivered = Job.objects.of_subject(participant.pk).filter(
        kind=stage, state=Job.State.DONE, finished_at__gt=Now() - LONGEST_WAIT
    )
    latest = delivered.aggregate(latest=Max("finished_at"))["latest"]
    if latest is None:
        return False
    openings = Job.objects.filter(kind=OPENING, scope=participant.study.scope)
    return not openings.filter(state=Job.State.DONE, created_at__gte=latest).exists()
