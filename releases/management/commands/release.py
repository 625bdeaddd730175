"""`manage.py release --study SLUG [--wait]`: plan a release of a study."""

import time
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import CommandError

from releases.actions.releasing import JOB_KIND, plan_release, settle_releases
from releases.models import Release
from studies.command import StudyCommand, study_named
from work.draining import Drain
from work.queries import living_workers

LOOK_SECONDS = 0.5


class Command(StudyCommand):
    """Plans a release; a worker builds it, or the command itself where none is alive."""

    help = "Plan a release of a study; with --wait, return when it is built."

    def add_own_arguments(self, parser: ArgumentParser) -> None:
        """Which study, how its parts are drawn, and whether to wait."""
        parser.add_argument("--study", required=True, metavar="SLUG")
        parser.add_argument("--seed", type=int, default=0, help="draws train, validation, test")
        parser.add_argument("--wait", action="store_true", help="return when it is published")

    def act(self, **options: Any) -> dict[str, Any]:
        """Plan it, wait for it if asked to, and say where it is."""
        study = study_named(options["study"])
        release = plan_release(study=study, by=None, seed=options["seed"])
        if options["wait"]:
            wait_for(release)
        if release.state == Release.State.FAILED:
            raise CommandError(f"Release {release.version} failed: {release.failure}")
        if not options["json"]:
            self.say(f"Release {release.version} of {study}: {release.state}, {release.folder}")
        return described(release)


def wait_for(release: Release) -> None:
    """Return once the release is published or has failed; build it here if no worker is alive."""
    while release.state == Release.State.PLANNED:
        if living_workers():
            time.sleep(LOOK_SECONDS)
        else:
            # A role of its own, so that its heartbeat is not taken for a worker's.
            Drain(role="command", kinds=[JOB_KIND], seconds=LOOK_SECONDS).run(threads=1)
        settle_releases(release.study)
        release.refresh_from_db()


def described(release: Release) -> dict[str, Any]:
    """The release as a JSON document."""
    return {
        "id": str(release.id),
        "version": release.version,
        "state": release.state,
        "folder": str(release.folder),
        "manifest": release.manifest,
    }
