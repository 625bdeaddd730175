"""Erasing a person: the request, each step's writes, and the end. `releases.erasure` orders them.

Whatever is done here may be done twice and be broken off anywhere: it looks at what is there.
"""

import secrets
from collections.abc import Iterable, Iterator
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.apps import apps
from django.contrib.admin.models import LogEntry
from django.contrib.contenttypes.models import ContentType
from django.contrib.sessions.backends.db import SessionStore
from django.contrib.sessions.models import Session
from django.db import transaction
from django.db.models.functions import Now

from annotation.actions.leaving import vacate_places
from annotation.models import Task
from llm.ledger import erase_subject as erase_calls
from releases.actions.withdrawing import leave_study
from releases.batches import batches
from releases.models import Erasure, Release
from studies.models import Membership, Participant, Payment, Study, User
from work.actions.jobs import erase_subject as erase_jobs
from work.actions.jobs import revive
from work.models import Job
from work.queue import enqueue

JOB_KIND = "erasure"
ATTEMPTS = 1_000
PATIENCE = timedelta(days=30)
"""An erasure is not given up: the law allows a month."""
FIRST = 1
"""Its priority: before machine work that nobody asked for by name."""
ROWS_AT_ONCE = 200
ALPHABET = "ABCDEFGHJKMNPQRSTUVWXYZ23456789"
"""Of receipts; nothing in it looks like something else."""


# -- The request and the end ---------------------------------------------------


@transaction.atomic
def request_erasure(*, participant: Participant) -> Erasure:
    """Erase everything held about a participant; begun at once, done by a job within minutes.

    From now on they have left: nothing of theirs is shown, sent, asked or released. The same
    participant again gives the same erasure.
    """
    locked = Participant.objects.select_for_update(of=("self",)).get(pk=participant.pk)
    under_way = Erasure.objects.filter(subject=locked.pk).first()
    if under_way is not None:
        return under_way
    leave_study(participant=locked)
    erasure = Erasure.objects.create(
        study_id=locked.study_id, subject=locked.pk, receipt=new_receipt()
    )
    job_of(erasure)
    return erasure


def new_receipt() -> str:
    """Sixteen letters and digits (79 bits), for a person to keep."""
    drawn = "".join(secrets.choice(ALPHABET) for _ in range(16))
    return "-".join(drawn[start : start + 4] for start in range(0, 16, 4))


def job_of(erasure: Erasure) -> Job:
    """The job that erases; made if there is none. Its payload names the request, not the person."""
    return enqueue(
        kind=JOB_KIND,
        key={"erasure": str(erasure.pk)},
        payload={"erasure": str(erasure.pk)},
        scope=erasure.study.scope,
        priority=FIRST,
        max_attempts=ATTEMPTS,
        give_up_after=PATIENCE,
    )


def resume_erasures() -> int:
    """Give erasures whose job died another chance; returns how many."""
    resumed = 0
    for erasure in Erasure.objects.filter(finished_at__isnull=True).select_related("study"):
        job = job_of(erasure)
        if job.state == Job.State.DEAD:
            revive(job, by="", reason="An erasure is not given up.")
            resumed += 1
    return resumed


@transaction.atomic
def finish_erasure(*, erasure: Erasure) -> None:
    """Report that nothing is left; the request forgets whom it was about."""
    Erasure.objects.filter(pk=erasure.pk).update(subject=None, finished_at=Now())


def _count(erasure: Erasure, label: str, number: int) -> None:
    """Add to what the request tells of itself, in the transaction of the deed."""
    if number:
        row = Erasure.objects.select_for_update(of=("self",)).get(pk=erasure.pk)
        row.counts[label] = row.counts.get(label, 0) + number
        row.save(update_fields=["counts"])


# -- Rows ----------------------------------------------------------------------


def delete_rows(*, erasure: Erasure, label: str, ids: Iterable[Any]) -> Iterator[int]:
    """Delete these rows of a table and what the admin logged of them, some at a time.

    Each part is a transaction of its own.
    """
    model: Any = apps.get_model(label)
    kind = ContentType.objects.get_for_model(model)
    for part in batches(ids, ROWS_AT_ONCE):
        with transaction.atomic():
            named = [str(key) for key in part]
            LogEntry.objects.filter(content_type=kind, object_id__in=named).delete()
            _all, by_table = model._base_manager.filter(pk__in=part).delete()
            for table, number in by_table.items():
                _count(erasure, table, number)
        yield len(part)


@transaction.atomic
def free_places(*, erasure: Erasure, participant: Participant) -> None:
    """What they judged about others is asked of somebody else."""
    _count(erasure, "annotation.Assignment", vacate_places(participant=participant))


@transaction.atomic
def delete_empty_tasks(*, erasure: Erasure, study: Study) -> None:
    """Tasks of the study in which no item stands any more."""
    _all, by_table = Task.objects.filter(study=study, task_items__isnull=True).delete()
    _count(erasure, "annotation.Task", by_table.get("annotation.Task", 0))


@transaction.atomic
def forget_machine_work(*, erasure: Erasure, subject: UUID) -> None:
    """Jobs about them go; their calls keep figures and costs and name nobody."""
    _count(erasure, "work.Job", erase_jobs(subject))
    _count(erasure, "llm.Call", erase_calls(subject))


@transaction.atomic
def detach_payments(*, erasure: Erasure, subject: UUID) -> None:
    """That something was paid stays; to whom and why does not."""
    paid = Payment.objects.filter(participant=subject)
    kind = ContentType.objects.get_for_model(Payment)
    named = [str(key) for key in paid.values_list("pk", flat=True)]
    LogEntry.objects.filter(content_type=kind, object_id__in=named).delete()
    _count(erasure, "studies.Payment", paid.update(participant=None, reason=""))


@transaction.atomic
def empty_failures(*, study: Study) -> None:
    """What a failed release says of itself may quote a row."""
    Release.objects.filter(study=study).exclude(failure="").update(
        failure="It could not be built. The reason was removed when somebody was erased."
    )


# -- Sessions and accounts -----------------------------------------------------


def forget_sessions(*, subject: UUID, entered: str) -> int:
    """Let browsers forget that they entered as the person; `entered` is the session's key for it.

    A session in which nothing else is kept goes. Cost grows with the number of sessions.
    """
    forgotten = 0
    name = str(subject)
    for session in Session.objects.iterator(chunk_size=ROWS_AT_ONCE):
        found: dict[str, Any] = session.get_decoded()
        if name in found.get(entered, []):
            _forget_in(session, found, entered, name)
            forgotten += 1
    return forgotten


def _forget_in(session: Session, found: dict[str, Any], entered: str, name: str) -> None:
    found[entered] = [other for other in found[entered] if other != name]
    if not found[entered] and "_auth_user_id" not in found:
        session.delete()
        return
    Session.objects.filter(pk=session.pk).update(session_data=SessionStore().encode(found))


@transaction.atomic
def delete_person(*, erasure: Erasure, participant: Participant) -> None:
    """The participant's row, and with it an account that was used for nothing but this."""
    _delete(erasure, participant)
    user = participant.user
    if user is not None and not _is_used(user):
        _delete(erasure, user)


def _is_used(user: User) -> bool:
    return (
        user.is_staff
        or user.is_superuser
        or Participant.objects.filter(user=user).exists()
        or Membership.objects.filter(user=user).exists()
    )


def _delete(erasure: Erasure, row: Participant | User) -> None:
    kind = ContentType.objects.get_for_model(row)
    LogEntry.objects.filter(content_type=kind, object_id=str(row.pk)).delete()
    _all, by_table = row.delete()
    for table, number in by_table.items():
        _count(erasure, table, number)
