"""The question of a judge's job, rendered without asking it: what a run's price is made from."""

from collections.abc import Iterator

from annotation.judges import PROFILE, JudgeSpec
from annotation.judging import prompt_for, schema_for
from annotation.models import Task
from annotation.profiles import profile_of
from annotation.screens import judge_screen
from generation.posed import Posed
from work.claims import Claim
from work.models import Run


def of_judging(claim: Claim) -> Iterator[Posed]:
    """One question about the task's screen; none where there is nothing left on it."""
    task = Task.objects.select_related("study", "conversation", "prompt", "subject")
    found = task.filter(pk=claim.payload["task"]).first()
    if found is None:
        return
    screen = judge_screen(found, is_swapped=claim.payload["is_swapped"])
    if screen.items and claim.run_id:
        spec = JudgeSpec.model_validate(Run.objects.get(pk=claim.run_id).plan["judge"])
        profile = profile_of(screen) if spec.arm == PROFILE else None
        question = prompt_for(screen, spec, sample=claim.payload["sample"], profile=profile)
        yield Posed(question, schema_for(screen, reasoning=spec.reasoning))
