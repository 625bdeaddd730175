"""`manage.py sweep`: ring for waiting work and do periodic acts, until stopped."""

from typing import Any

from django.core.management.base import BaseCommand

from work.stopping import stop_on_signals
from work.sweeping import sweep_until


class Command(BaseCommand):
    """Runs the sweeper in the foreground."""

    help = "Ring for waiting jobs every JOB_SWEEP_SECONDS and do what is due, until stopped."
    # They would load every page, twice the memory of what stays; the web server makes them.
    requires_system_checks: list[str] = []

    def handle(self, *_args: Any, **_options: Any) -> None:
        """Sweep until SIGTERM or SIGINT."""
        with stop_on_signals() as stop:
            sweep_until(stop)
