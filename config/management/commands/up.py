"""`manage.py up`: the whole site in one terminal."""

import json
import signal
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import OperationalError

from config import site
from config.broker import NoBroker
from config.checks import TAG
from config.preparation import NotPrepared
from config.processes import die_with_parent
from config.server import CannotListen
from config.supervisor import NotStarted

REFUSALS = (site.CannotStart, CannotListen, NoBroker, NotPrepared, NotStarted)


class Command(BaseCommand):
    """Runs broker, web, worker and sweeper under one supervisor."""

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
        except OperationalError as error:
            raise CommandError(f"The database can't be used: {error}") from error

    def _announce(self, facts: dict[str, Any]) -> None:
        self.stdout.write(f"READY {json.dumps(facts, ensure_ascii=False)}")
        self.stdout.flush()
