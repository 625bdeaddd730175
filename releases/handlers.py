"""What jobs of this floor do: one builds a release, one erases a person."""

import shutil
import time
from collections.abc import Callable
from pathlib import Path

from releases.actions.erasing import finish_erasure
from releases.actions.releasing import (
    drafts_of,
    fail_release,
    publish_release,
    reissue_releases,
)
from releases.building import build
from releases.erasure import steps
from releases.models import Erasure, Release
from releases.people import people_of
from releases.tables.table import source_of
from work.claims import Claim
from work.errors import GiveUp, LateClaim, RetryLater
from work.queue import extend, finishing

RENEW_SECONDS = 20.0
WAIT_SECONDS = 5.0
"""Between looks whether an erasure is over."""


def build_release(claim: Claim) -> None:
    """Write a release's files beside its folder, then show them all at once."""
    release = Release.objects.select_related("study").filter(pk=claim.payload["release"]).first()
    if release is None or release.state != Release.State.PLANNED:
        raise GiveUp("The release is not there any more, or is not planned any more.")
    try:
        _build(release, claim)
    except LateClaim:
        raise
    except Exception as error:
        if isinstance(error, GiveUp) or claim.attempt >= claim.max_attempts:
            fail_release(release=release, reason=f"{type(error).__name__}: {error}")
        raise


def _build(release: Release, claim: Claim) -> None:
    _wait_for_erasures(release)
    draft = _empty_draft(release, claim)
    try:
        source = source_of(release.study)
        keep_alive = renewing(claim)
        manifest = build(release=release, source=source, root=draft, keep_alive=keep_alive)
        with finishing(claim, value={"files": len(manifest["files"])}):
            _wait_for_erasures(release)
            if people_of(release.study).digest() != source.people.digest():
                raise RetryLater("Somebody's consent changed while the release was built.")
            publish_release(release=release, draft=draft, manifest=manifest)
    finally:
        shutil.rmtree(draft, ignore_errors=True)


def _wait_for_erasures(release: Release) -> None:
    """A release holds whole people or nothing of them."""
    if Erasure.objects.filter(study=release.study_id, finished_at__isnull=True).exists():
        raise RetryLater("Somebody is being erased.", after_seconds=WAIT_SECONDS, counts=False)


def _empty_draft(release: Release, claim: Claim) -> Path:
    """A folder beside the release's own; what earlier attempts left there is removed."""
    for left in drafts_of(release):
        shutil.rmtree(left, ignore_errors=True)
    draft = release.folder.with_name(f"{release.folder.name}.draft-{claim.attempt}")
    draft.mkdir(parents=True)
    return draft


def renewing(claim: Claim) -> Callable[[], None]:
    """Renews the lease when it is called and the last time was a while ago."""
    renewed = time.monotonic()

    def keep_alive() -> None:
        nonlocal renewed
        if time.monotonic() - renewed > RENEW_SECONDS:
            extend(claim)
            renewed = time.monotonic()

    return keep_alive


def erase(claim: Claim) -> None:
    """Erase whom a request names, step by step; what a killed worker left is done by the next."""
    erasure = Erasure.objects.select_related("study").filter(pk=claim.payload["erasure"]).first()
    if erasure is None or erasure.finished_at is not None:
        with finishing(claim, "gone"):
            return
    steps.run(erasure, renewing(claim))
    with finishing(claim):
        finish_erasure(erasure=erasure)
        reissue_releases(study=erasure.study)
