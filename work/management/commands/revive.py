"""Give dead jobs another chance, with a reason that is kept."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from work.actions.jobs import revive_dead


class Command(BaseCommand):
    """`manage.py revive --study SLUG --reason WHY [--kind KIND]`"""

    help = "Give the jobs of a study that were given up all their attempts again."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Whose jobs, which, and why."""
        parser.add_argument("--study", required=True, metavar="SLUG")
        parser.add_argument("--kind", help="only jobs of this kind, such as extraction or judge")
        parser.add_argument("--reason", required=True)
        parser.add_argument("--by", default="manage.py", help="who asks; kept with the reason")

    def handle(self, *args: Any, **options: Any) -> None:
        """Revive them at once; each keeps its own record."""
        if not options["reason"].strip():
            raise CommandError("Please say what has changed since.")
        revived = revive_dead(
            f"study:{options['study']}",
            by=options["by"],
            reason=options["reason"],
            kind=options["kind"],
        )
        if not revived:
            raise CommandError(f"No job of “{options['study']}” was given up.")
        self.stdout.write(f"{revived} jobs have another chance.")
