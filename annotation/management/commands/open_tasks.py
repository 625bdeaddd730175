"""Open tasks for everything that nobody was asked about yet."""

from argparse import ArgumentParser
from typing import Any

from annotation.actions.tasks import open_all_tasks
from studies.command import StudyCommand, study_named


class Command(StudyCommand):
    """`manage.py open_tasks --study SLUG`"""

    help = "Open tasks for everything that nobody was asked about yet."

    def add_own_arguments(self, parser: ArgumentParser) -> None:
        """The study."""
        parser.add_argument("--study", required=True)

    def act(self, **options: Any) -> dict[str, Any]:
        """Open them, stage by stage."""
        opened = open_all_tasks(study=study_named(options["study"]))
        for stage, count in opened.items():
            self.say(f"{stage}: {count} tasks opened", **options)
        return opened
