"""Make a study from its document, or bring it up to the document."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError

from studies.actions.studies import load_study
from studies.command import StudyCommand, user_named
from studies.document import read_document


class Command(StudyCommand):
    """`manage.py load_study FILE.yaml`"""

    help = "Make a study from its document, or bring it up to the document."

    def add_own_arguments(self, parser: ArgumentParser) -> None:
        """The file, and who the study will belong to."""
        parser.add_argument("file", type=Path)
        parser.add_argument("--user", help="the study's owner, a user's name")

    def act(self, **options: Any) -> dict[str, Any]:
        """Load it; every fault is named with its line."""
        try:
            text = options["file"].read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise CommandError(f"{options['file']} cannot be read: {error}") from error
        by = user_named(options["user"]) if options["user"] else None
        study = load_study(document=read_document(text), by=by)
        self.say(f"Study “{study.slug}” is ready.", **options)
        return {"study": study.slug}
