"""What sets machines to work."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction

from generation.planning.stages import plans_for
from llm.models import Endpoint
from studies.models import Study
from work import queue
from work.actions.runs import make_run
from work.claims import Plan
from work.models import Run


@transaction.atomic
def plan_run(*, study: Study, stage: str, endpoint: Endpoint, by: str) -> Run:
    """Enqueue what a stage still has to ask of an endpoint.

    What was asked before (same inputs, prompt file, model and parameters) is not asked again; if
    that is all of it, the run that asked it last is returned. Raises ValidationError if there is
    nothing to ask at all.
    """
    plans = plans_for(study, stage, endpoint)
    if not plans:
        raise ValidationError(_why_nothing(stage, endpoint))
    plan = {
        "stage": stage,
        "endpoint": endpoint.name,
        "model": endpoint.model,
        "jobs": len(plans),
    }
    return start_new(
        study=study, kind=stage, title=f"{stage} by {endpoint.model}", plan=plan, plans=plans, by=by
    )


def _why_nothing(stage: str, endpoint: Endpoint) -> str:
    needed = {
        "extraction": "no conversation",
        "relevance": "no prompt with attributes of its person",
        "response": "no prompt whose strategies have what they need",
    }[stage]
    where = "here" if endpoint.is_baseline else "that may be sent to third-party models"
    return f"There is nothing to ask: {needed} {where}."


@transaction.atomic
def start_new(
    *,
    study: Study,
    kind: str,
    title: str,
    plan: Mapping[str, Any],
    plans: Sequence[Plan],
    by: str,
) -> Run:
    """A run of those plans that no earlier run asked; the latest earlier run if there are none."""
    run = make_run(scope=study.scope, kind=kind, title=title[:200], plan=plan, by=by)
    jobs = queue.enqueue_many([replace(one, run=run) for one in plans])
    earlier = Run.objects.filter(pk__in={job.run_id for job in jobs if job.run_id} - {run.pk})
    latest = earlier.order_by("-created_at").first()
    if latest is None or any(job.run_id == run.pk for job in jobs):
        return run
    run.delete()
    return latest
