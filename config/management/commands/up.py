"""`manage.py up`: the whole site in one terminal."""

import json
import signal
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from config import site
from config.broker import NoBroker
from config.checks import TAG
from config.door import CannotListen
from config.places import NoPlace
from config.processes import die_with_parent
from config.supervisor import NotStarted

REFUSALS = (site.CannotStart, CannotListen, NoBroker, NoPlace, NotStarted)


class Command(BaseCommand):
    """Runs broker, web, worker and sweeper under one supervisor.

    `manage.py` runs it without setting Django up, as it stays in memory as long as the site.
    """

    help = "Migrate, load the demo study, start everything, and print READY with where to go."
    requires_system_checks = (TAG,)
    requires_migrations_checks = False

    def add_arguments(self, parser: CommandParser) -> None:
        """Whether to outlive whoever started us."""
        parser.add_argument("--bound", action="store_true", help="end when the parent process ends")

    def handle(self, *_args: Any, **options: Any) -> None:
        """Run until Ctrl-C, SIGTERM or the terminal's end."""
        for interrupt in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(interrupt, signal.default_int_handler)
        if options["bound"]:
            die_with_parent(signal.SIGTERM)
        try:
            site.run(self._announce)
        except KeyboardInterrupt:
            self.stderr.write("Stopped.")
        except REFUSALS as refusal:
            raise CommandError(str(refusal)) from refusal

    def _announce(self, facts: dict[str, Any]) -> None:
        self.stdout.write(f"READY {json.dumps(facts, ensure_ascii=False)}")
        self.stdout.flush()
