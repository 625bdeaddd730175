"""`manage.py alive ROLE`: is this machine's worker or sweeper still looking at the table?"""

import socket
from datetime import timedelta
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db.models.functions import Now

from work.models import WorkerHeartbeat


class Command(BaseCommand):
    """A health check that a process which runs, but has stopped working, does not pass."""

    help = "Exit with 0 if a process of this role on this machine has shown itself lately."
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        """Whom to look for, and how long it may have been silent."""
        parser.add_argument("role", choices=["celery", "worker", "sweeper"])
        parser.add_argument("--seconds", type=float, default=90.0)

    def handle(self, *_args: Any, **options: Any) -> None:
        """Look for a heartbeat."""
        owner = f"{options['role']}@{socket.gethostname()}:"
        since = Now() - timedelta(seconds=options["seconds"])
        if not WorkerHeartbeat.objects.filter(owner__startswith=owner, at__gte=since).exists():
            raise CommandError(f"{owner[:-1]} has not shown itself for {options['seconds']:g} s.")
