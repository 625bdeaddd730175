"""`manage.py release --study SLUG [--wait]`: plan a release of a study."""

import json
import time
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from releases.actions.releasing import plan_release, settle_releases
from releases.models import Release
from studies.models import Study

LOOK_SECONDS = 0.5


class Command(BaseCommand):
    """Plans a release; a worker builds it."""

    help = "Plan a release of a study; with --wait, wait until a worker has built it."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--study", required=True, metavar="SLUG")
        parser.add_argument("--seed", type=int, default=0, help="draws train, validation, test")
        parser.add_argument("--wait", action="store_true", help="return when it is published")
        parser.add_argument("--json", action="store_true", help="print one JSON document")

    def handle(self, *args: Any, **options: Any) -> None:
        study = Study.objects.filter(slug=options["study"]).first()
        if study is None:
            raise CommandError(f"There is no study “{options['study']}”.")
        release = plan_release(study=study, by=None, seed=options["seed"])
        if options["wait"]:
            wait_for(release)
        if release.state == Release.State.FAILED:
            raise CommandError(f"Release {release.version} failed: {release.failure}")
        self.stdout.write(_described(release, options["json"]))


def wait_for(release: Release) -> None:
    """Return once the release is published or has failed."""
    while release.state == Release.State.PLANNED:
        time.sleep(LOOK_SECONDS)
        settle_releases(release.study)
        release.refresh_from_db()


def _described(release: Release, as_json: bool) -> str:
    if as_json:
        document = {
            "id": str(release.id),
            "version": release.version,
            "state": release.state,
            "folder": str(release.folder),
            "manifest": release.manifest,
        }
        return json.dumps(document, ensure_ascii=False)
    return f"Release {release.version} of {release.study}: {release.state}, {release.folder}"
