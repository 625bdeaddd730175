"""What people do to runs: make, start, pause, resume, cancel, and retry what failed.

Each may be done twice, and says with a sentence when it cannot be done.
"""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import F
from django.db.models.functions import Coalesce, Now
from django.utils.translation import gettext as _

from work.actions.holding import release
from work.actions.jobs import cancel, revive_dead
from work.models import Job, Run, RunAct


def make_run(
    *,
    scope: str,
    kind: str,
    title: str,
    plan: Mapping[str, Any],
    by: str = "",
    state: Run.State = Run.State.RUNNING,
) -> Run:
    """Write down a plan of machine work; its jobs are enqueued with `run=`.

    Of a run that is only planned nothing happens until it is started.
    """
    return Run.objects.create(
        scope=scope,
        kind=kind,
        title=title[:200],
        plan=dict(plan),
        created_by=by,
        state=state,
        started_at=Now() if state == Run.State.RUNNING else None,
    )


@transaction.atomic
def note_estimate(*, run: Run, estimate: Mapping[str, Any]) -> None:
    """Keep what the run was expected to take."""
    run.estimate = dict(estimate)
    run.save(update_fields=["estimate"])


@transaction.atomic
def start(*, run: Run, by: str = "") -> None:
    """Let a planned run go; one that goes already is left alone."""
    _let_go(
        run, by, {Run.State.PLANNED, Run.State.RUNNING}, _("Only a planned run can be started.")
    )


@transaction.atomic
def resume(*, run: Run, by: str = "") -> None:
    """Let a paused run go on, and with it what was held for want of something else."""
    _let_go(run, by, {Run.State.PAUSED, Run.State.RUNNING}, _("Only a paused run can be resumed."))


@transaction.atomic
def pause(*, run: Run, by: str = "") -> None:
    """Let workers complete what they have in hand, and hold the rest."""
    states = {Run.State.RUNNING, Run.State.PAUSED}
    row = _locked(run, states, _("Only a run that goes can be paused."))
    _refuse_finished(row, _("The run is finished; there is nothing to pause."))
    _move(row, run, by, Run.State.PAUSED)
    run.jobs.filter(state=Job.State.READY).update(state=Job.State.HELD)


@transaction.atomic
def cancel_run(*, run: Run, by: str) -> int:
    """Give up what was not done yet; what was, stays. Returns how many jobs that were."""
    row = _locked(run, set(Run.State), "")
    _refuse_finished(row, _("The run is finished; there is nothing to cancel."))
    _move(row, run, by, Run.State.CANCELLED)
    return cancel(Job.objects.filter(run=run), reason=f"The run was cancelled by {by}.")


@transaction.atomic
def retry_failed(
    *, run: Run, by: str, reason: str, error: str | None = None, job: UUID | None = None
) -> int:
    """Give the run's dead jobs all their attempts again; returns how many.

    Or only those given up for one reason, or a single one. While the run is paused they are held.
    """
    if run.state == Run.State.CANCELLED:
        raise ValidationError(_("The run was cancelled; plan the same work again."))
    if not reason.strip():
        raise ValidationError(_("Please say what has changed since."))
    return revive_dead(run.scope, by=by, reason=reason.strip()[:500], run=run, error=error, job=job)


def _let_go(run: Run, by: str, states: set[Run.State], refusal: str) -> None:
    _move(_locked(run, states, refusal), run, by, Run.State.RUNNING)
    Run.objects.filter(pk=run.pk).update(started_at=Coalesce(F("started_at"), Now()))
    release(Job.objects.filter(run=run))


def _locked(run: Run, states: set[Run.State], refusal: str) -> Run:
    """The run's row, locked; ValidationError if it is in none of these states."""
    # Planning for the run, which needs its key only, need not wait.
    row = Run.objects.select_for_update(no_key=True).get(pk=run.pk)
    if row.state not in states:
        raise ValidationError(refusal)
    return row


def _refuse_finished(row: Run, refusal: str) -> None:
    """ValidationError if the run goes and all of it is done: it could never be finished again.

    What was given up can be retried, more jobs come to a run that began by itself, and one that
    has no jobs yet is still being planned.
    """
    if row.state != Run.State.RUNNING or row.plan.get("automatic"):
        return
    left = row.jobs.exclude(state__in=[Job.State.DONE, Job.State.CANCELLED])
    if row.jobs.exists() and not left.exists():
        raise ValidationError(refusal)


def _move(row: Run, run: Run, by: str, state: Run.State) -> None:
    """Set the state of a run whose row is locked, and keep who did.

    Nobody is kept for what nobody was named for, or what changes nothing.
    """
    Run.objects.filter(pk=run.pk).update(state=state)
    if by and row.state != state:
        RunAct.objects.create(run=run, state=state, by=by[:150])
    run.state = state
