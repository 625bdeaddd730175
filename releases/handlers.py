"""The job that builds a release."""

import shutil
import time
from collections.abc import Callable
from pathlib import Path

from releases.actions.releasing import fail_release, publish_release
from releases.building import build
from releases.models import Release
from releases.people import people_of
from releases.tables.table import source_of
from work.claims import Claim
from work.errors import GiveUp, LateClaim, RetryLater
from work.queue import extend, finishing

RENEW_SECONDS = 20.0


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
    draft = _empty_draft(release, claim)
    try:
        source = source_of(release.study)
        keep_alive = renewing(claim)
        manifest = build(release=release, source=source, root=draft, keep_alive=keep_alive)
        with finishing(claim, value={"files": len(manifest["files"])}):
            if people_of(release.study).digest() != source.people.digest():
                raise RetryLater("Somebody's consent changed while the release was built.")
            publish_release(release=release, draft=draft, manifest=manifest)
    finally:
        shutil.rmtree(draft, ignore_errors=True)


def _empty_draft(release: Release, claim: Claim) -> Path:
    """A folder beside the release's own; what earlier attempts left there is removed."""
    name = f"{release.folder.name}.draft-"
    for left in release.folder.parent.glob(f"{name}*"):
        shutil.rmtree(left, ignore_errors=True)
    draft = release.folder.with_name(f"{name}{claim.attempt}")
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
