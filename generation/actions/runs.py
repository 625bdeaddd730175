"""What sets machines to work: a run is planned, priced if it is to wait, and started."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Q
from django.db.models.functions import Now

from generation.estimates import estimate_of
from generation.planning.responses import idle_strategies
from generation.planning.stages import plans_for
from generation.stages import NEEDED, RESPONSE
from generation.strategies.choosing import strategies_of
from llm.models import Endpoint
from studies.models import Study
from work.actions.portions import enqueue_in_portions, take_over
from work.actions.runs import cancel_run, make_run, note_estimate, start
from work.claims import Plan
from work.models import Job, Run

HALF_WAY = timedelta(hours=1)
"""So old a plan that was never completed is not being written any more."""


def plan_run(
    *,
    study: Study,
    stage: str,
    endpoint: Endpoint,
    by: str,
    starts: bool = True,
    strategies: Sequence[str] = (),
) -> Run:
    """Enqueue what a stage still has to ask of an endpoint.

    With `starts=False` nothing is asked until somebody starts the run, whose price is worked out.
    `strategies` names those to respond by; without, those of the study. What was asked before
    (same inputs, prompt file, model and parameters) is not asked again; if that is all of it, the
    run that asked it last is returned. Raises ValidationError if there is nothing to ask at all.
    Written in several transactions; a plan that was left half way is taken over by the next.
    """
    if endpoint.protocol == Endpoint.Protocol.EMBEDDINGS:
        raise ValidationError(f"The endpoint “{endpoint.name}” makes vectors only.")
    plans = _chosen(plans_for(study, stage, endpoint), study, stage, strategies)
    idle = idle_strategies(study, plans) if stage == RESPONSE and not strategies else {}
    if not plans:
        raise ValidationError([_why_nothing(stage, endpoint), *_lines(idle)])
    plan = {"stage": stage, **what_is_asked(endpoint, plans), **({"idle": idle} if idle else {})}
    title = f"{title_of(stage, endpoint)}{': ' if strategies else ''}{', '.join(strategies)}"
    return start_new(
        study=study, kind=stage, title=title, plan=plan, plans=plans, by=by, starts=starts
    )


def title_of(stage: str, endpoint: Endpoint) -> str:
    """What a run is called: two endpoints may serve the same model."""
    if endpoint.model.partition("/")[0] == endpoint.name:
        return f"{stage} by {endpoint.model}"
    return f"{stage} by {endpoint.name} ({endpoint.model})"


def _chosen(plans: list[Plan], study: Study, stage: str, names: Sequence[str]) -> list[Plan]:
    """Those of the strategies named, each with all its arms; all without a name."""
    if not names:
        return plans
    if stage != RESPONSE:
        raise ValidationError("Only responses are made by strategies.")
    known = [chosen.name for chosen in strategies_of(study)]
    for name in names:
        if not any(_is_of(one, name) for one in known):
            raise ValidationError(f"The study has no strategy “{name}”; it has {', '.join(known)}.")
    return [plan for plan in plans if any(_is_of(plan.payload["strategy"], one) for one in names)]


def _lines(idle: Mapping[str, str]) -> list[str]:
    return [f"{name}: {reason}" for name, reason in idle.items()]


def _is_of(stored: str, name: str) -> bool:
    return stored == name or stored.startswith(f"{name}:")


def what_is_asked(endpoint: Endpoint, plans: Sequence[Plan]) -> dict[str, Any]:
    """The part of a run's plan that says of whom, with what, and how many jobs that are."""
    strategies = {plan.payload["strategy"] for plan in plans if "strategy" in plan.payload}
    prompts = {plan.key["prompt_version"] for plan in plans if "prompt_version" in plan.key}
    return {
        "endpoint": endpoint.name,
        "model": endpoint.model,
        "parameters": endpoint.extra_params,
        "prompts": sorted(prompts),
        "jobs": len(plans),
        **({"strategies": sorted(strategies)} if strategies else {}),
    }


def _why_nothing(stage: str, endpoint: Endpoint) -> str:
    where = "here" if endpoint.is_baseline else "that may be sent to third-party models"
    return f"There is nothing to ask: {NEEDED[stage]} {where}."


def start_new(
    *,
    study: Study,
    kind: str,
    title: str,
    plan: Mapping[str, Any],
    plans: Sequence[Plan],
    by: str,
    starts: bool = True,
) -> Run:
    """A run of those plans that no earlier run asked; the latest earlier run if there are none.

    Nothing of it is asked before all of it is enqueued.
    """
    state = Run.State.PLANNED
    run = make_run(scope=study.scope, kind=kind, title=title, plan=plan, by=by, state=state)
    jobs = enqueue_in_portions(run=run, plans=plans)
    earlier = {job.run_id for job in jobs if job.run_id} - {run.pk}
    kept = _completed(run, [job.pk for job in jobs], earlier, by=by, starts=starts)
    if kept == run and not starts:
        note_estimate(run=run, estimate=estimate_of(run))
    return kept


@transaction.atomic
def _completed(run: Run, jobs: Sequence[UUID], earlier: set[UUID], *, by: str, starts: bool) -> Run:
    """The run with all that nobody else has started; what a person did to it meanwhile stands."""
    take_over(run=run, jobs=jobs)
    latest = Run.objects.filter(pk__in=earlier).order_by("-created_at").first()
    if latest is not None and not run.jobs.exists():
        run.delete()
        return latest
    _forget_emptied(run)
    run.refresh_from_db()  # the times are the database's
    if run.state == Run.State.CANCELLED:
        cancel_run(run=run, by=by)
    elif starts:
        start(run=run, by=by)
        run.refresh_from_db()
    return run


def _forget_emptied(run: Run) -> None:
    """Delete plans that nobody started and whose jobs the run took over.

    One that has no estimate is still being written, unless it was left half way.
    """
    written = ~Q(estimate={}) | Q(created_at__lt=Now() - HALF_WAY)
    plans = Run.objects.filter(written, scope=run.scope, kind=run.kind, state=Run.State.PLANNED)
    waiting = Job.objects.filter(run__in=plans).values("run")
    plans.exclude(pk=run.pk).exclude(pk__in=waiting).delete()
