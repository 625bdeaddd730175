"""Planning a release, publishing what was built, and recording that it could not be."""

import os
import shutil
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.db.models import Max
from django.db.models.functions import Now

from releases.models import Release, Tombstone
from studies.models import Study, User
from studies.rules import check_can_manage
from work.models import Job
from work.queue import enqueue

if TYPE_CHECKING:  # needs pyarrow, which the sweeper and most visits never do
    from releases.tombstones import Stone

JOB_KIND = "release"
ATTEMPTS = 3


def plan_release(*, study: Study, by: User | None, seed: int = 0) -> Release:
    """The study's next release and its job; the one already planned, if there is one.

    `by` is None for the command line, which may do everything. Versions have no gaps: the study's
    row is locked while one is given out. Raises PermissionDenied.
    """
    if by is not None:
        check_can_manage(study, by)
    with transaction.atomic():
        Study.objects.select_for_update(no_key=True).get(pk=study.pk)
        settle_releases(study)
        planned = Release.objects.filter(study=study, state=Release.State.PLANNED).first()
        if planned is not None:
            return planned
        last = Release.objects.filter(study=study).aggregate(last=Max("version"))["last"] or 0
        release = Release.objects.create(study=study, version=last + 1, seed=seed)
        job_of(release)
    return release


def job_of(release: Release) -> Job:
    """The job that builds a release; made if there is none."""
    return enqueue(
        kind=JOB_KIND,
        key={"release": str(release.id)},
        payload={"release": str(release.id)},
        scope=release.study.scope,
        max_attempts=ATTEMPTS,
    )


def publish_release(*, release: Release, draft: Path, manifest: dict[str, Any]) -> None:
    """Give a finished folder its name and the release its manifest, in the job's transaction.

    A folder that is there already was left by an attempt whose transaction failed after it had
    renamed: nobody has been told of it, so it is replaced.
    """
    if release.folder.exists():
        shutil.rmtree(release.folder)
    draft.rename(release.folder)
    sync(release.folder.parent)
    Release.objects.filter(pk=release.pk, state=Release.State.PLANNED).update(
        state=Release.State.PUBLISHED, manifest=manifest, published_at=Now()
    )


@transaction.atomic
def withdraw_release(*, release: Release, stones: "Iterable[Stone]") -> None:
    """Say which rows copies of it must delete; it is given to nobody any more.

    Its files are deleted by `remove_files`, once this is committed.
    """
    Tombstone.objects.bulk_create(
        [
            Tombstone(release=release, kind=stone.table, ref=stone.ref, removed=stone.removed)
            for stone in sorted(stones)
        ],
        batch_size=1_000,
        ignore_conflicts=True,
    )
    Release.objects.filter(pk=release.pk, state=Release.State.PUBLISHED).update(
        state=Release.State.WITHDRAWN
    )


def remove_files(release: Release) -> None:
    """Delete a withdrawn release's files, and whatever attempts at building it left behind."""
    for folder in [release.folder, *drafts_of(release)]:
        shutil.rmtree(folder, ignore_errors=True)
    if release.folder.parent.exists():
        sync(release.folder.parent)


def reissue_releases(*, study: Study) -> Release | None:
    """Plan a release in place of a withdrawn one, unless a later one stands or is planned.

    None too where nobody and nothing is left to release.
    """
    newest = Release.objects.filter(study=study).exclude(state=Release.State.FAILED).first()
    if newest is None or newest.state != Release.State.WITHDRAWN:
        return None
    has_data = study.judgments.exists() or study.conversations.exists()
    return plan_release(study=study, by=None, seed=newest.seed) if has_data else None


def drafts_of(release: Release) -> list[Path]:
    """The folders in which attempts at building it are or were at work."""
    return list(release.folder.parent.glob(f"{release.folder.name}.draft-*"))


def sync(folder: Path) -> None:
    """Make sure that a rename in this folder survives a loss of power."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def fail_release(*, release: Release, reason: str) -> None:
    """Record why a planned release was not built; the next try is a new release."""
    Release.objects.filter(pk=release.pk, state=Release.State.PLANNED).update(
        state=Release.State.FAILED, failure=reason
    )


def settle_releases(study: Study | None = None) -> int:
    """Fail the planned releases whose job is dead or cancelled; returns how many.

    The handler records what it can; this finds those whose worker vanished at every attempt.
    """
    planned = Release.objects.filter(state=Release.State.PLANNED)
    settled = 0
    for release in planned if study is None else planned.filter(study=study):
        job = job_of(release)
        if job.state in (Job.State.DEAD, Job.State.CANCELLED):
            fail_release(release=release, reason=job.last_error or "Its job was cancelled.")
            settled += 1
    return settled
