"""Write a study into a folder: as a bundle, or in any other format there is."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError

from releases.bundle.writing import write_bundle
from releases.exports import EXPORTS
from studies.command import StudyCommand, study_named

FORMATS = {"bundle": write_bundle, **EXPORTS}


class Command(StudyCommand):
    """`manage.py export --study SLUG --out DIR [--format bundle|…]`"""

    help = "Write a study into a folder: as a bundle, or in any other format there is."

    def add_own_arguments(self, parser: ArgumentParser) -> None:
        """What, where to, and how."""
        parser.add_argument("--study", required=True, metavar="SLUG")
        parser.add_argument("--out", required=True, metavar="DIR", type=Path)
        parser.add_argument("--format", choices=sorted(FORMATS), default="bundle")

    def act(self, **options: Any) -> dict[str, Any]:
        """Write it and name the files."""
        study = study_named(options["study"])
        try:
            paths = FORMATS[options["format"]](study, options["out"])
        except OSError as error:
            raise CommandError(f"{options['out']}: {error.strerror}") from None
        if not options["json"]:
            for path in paths:
                self.stdout.write(str(path))
        return {
            "study": study.slug,
            "format": options["format"],
            "files": [str(path) for path in paths],
        }
