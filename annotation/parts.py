"""How far a participant is with judging: one part per stage."""

from django.db.models import Max
from django.db.models.functions import Now

from annotation.actions.raters import rater_for_participant
from annotation.actions.tasks import OPENING, overlap_of, stage_section
from annotation.choices import Role, Stage
from annotation.duties import duty_in
from collection.parts import may_still_share
from generation.automatic import LONGEST_WAIT, have_finished, is_at_work
from generation.owning import has_shared
from generation.parts import attributes_progress, prompts_progress
from studies.models import Participant
from studies.parts import Measure, Progress
from work.models import Job


def measure_of(stage: Stage) -> Measure:
    """The measure of one stage."""

    def measure(participant: Participant) -> Progress | None:
        return progress_in(participant, stage)

    return measure


def progress_in(participant: Participant, stage: Stage) -> Progress | None:
    """None where the stage asks nothing of the participant, now or, as an owner, later."""
    rater = rater_for_participant(participant)
    duty = duty_in(participant=participant, rater=rater, stage=stage)
    is_owners = _is_for_owners(participant, stage)
    if is_owners and not duty.waiting and _is_on_its_way(participant, stage):
        return Progress(duty.done, None, is_done=False, is_pending=True)
    if duty.done or duty.waiting:
        return Progress(duty.done, duty.total, is_done=not duty.waiting)
    return _of_nothing(participant, stage) if is_owners else None


def _is_for_owners(participant: Participant, stage: Stage) -> bool:
    """Do owners of this study judge what is about them at the stage?"""
    section = stage_section(participant.study, stage)
    return section is not None and bool(overlap_of(section).get(Role.OWNER))


def _is_on_its_way(participant: Participant, stage: Stage) -> bool:
    """Will they have something of their own to judge before long?"""
    return is_at_work(participant, stage) or _is_unopened(participant, stage)


def _of_nothing(participant: Participant, stage: Stage) -> Progress | None:
    """Where nothing is there to judge: it will come, or machines found nothing, or none were asked.

    What will come stands after something that is not done, so that nobody is led to it too early.
    """
    if may_still_share(participant):
        return Progress(0, None, is_done=False)
    if not has_shared(participant):
        return None
    if _has_more_before(participant, stage):
        return Progress(0, None, is_done=False)
    return Progress(0, 0, is_done=True) if have_finished(participant, stage) else None


def _has_more_before(participant: Participant, stage: Stage) -> bool:
    """Have they still to write, or to judge at an earlier stage, what the stage comes of?"""
    stages = list(Stage)
    earlier = [measure_of(one) for one in stages[: stages.index(stage)]]
    written = [attributes_progress, *([prompts_progress] if earlier else [])]
    found = (measure(participant) for measure in [*written, *reversed(earlier)])
    return any(progress is not None and not progress.is_done for progress in found)


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
