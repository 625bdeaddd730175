"""`manage.py alive ROLE`: is this machine's worker or sweeper still looking at the table?"""

from datetime import timedelta
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from config.watching import end_the_silent
from work.liveness import is_alive


class Command(BaseCommand):
    """A health check that a process which runs, but has stopped working, does not pass."""

    help = "Exit with 0 if a process of this role on this machine is at work."
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        """Whom to look for, how long it may have been silent, and whether to do something."""
        parser.add_argument("role", choices=["celery", "worker", "sweeper"])
        parser.add_argument("--seconds", type=float, default=60.0)
        parser.add_argument(
            "--end",
            action="store_true",
            help="kill processes that run and have been silent for a minute and a half",
        )

    def handle(self, *_args: Any, **options: Any) -> None:
        """End who is silent, if asked to, and look for who is not."""
        if options["end"] and (ended := end_the_silent()):
            self.stderr.write(f"ended: {', '.join(map(str, ended))}")
        role, seconds = options["role"], options["seconds"]
        if not is_alive(role, timedelta(seconds=seconds)):
            raise CommandError(f"No {role} has shown itself here for {seconds:g} s.")
