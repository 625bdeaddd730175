"""`manage.py worker`: do jobs straight from the table, with no broker at all."""

import threading
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandParser
from django.db import connections

from work.draining import Drain, wait_until_over
from work.stopping import stop_on_signals


class Command(BaseCommand):
    """A plain claim loop: the same code as behind the Celery doorbell."""

    help = "Do jobs from the table until stopped. Needs no broker."
    # They would load every page, twice the memory of what stays; the web server makes them.
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        """How many at once, which kinds, and when to leave by itself."""
        parser.add_argument("--threads", type=int, default=settings.JOB_THREADS)
        parser.add_argument("--kind", action="append", dest="kinds", help="only jobs of this kind")
        leave = parser.add_mutually_exclusive_group()
        leave.add_argument("--once", action="store_true", help="leave when nothing can be claimed")
        leave.add_argument("--drain", action="store_true", help="leave when no job is unfinished")

    def handle(self, *_args: Any, **options: Any) -> None:
        """Work until there is reason to leave; SIGTERM lets jobs in hand be completed."""
        with stop_on_signals() as stop:
            drain = Drain(kinds=options["kinds"], stays=not options["once"], stop=stop)
            if options["drain"]:
                threading.Thread(target=self._leave_when_over, args=(drain,)).start()
            done = drain.run(options["threads"])
            stop.set()
        self.stdout.write(f"{done} jobs done")

    @staticmethod
    def _leave_when_over(drain: Drain) -> None:
        wait_until_over(drain.stop, drain.kinds)
        connections.close_all()
        drain.stop.set()
