"""Wiring between floors: which package answers for which kind of job and section."""

import gc
from typing import Any

from django.apps import AppConfig


class ConfigConfig(AppConfig):
    """Registers, once all packages are loaded, what lower floors know only by name."""

    name = "config"

    def __init__(self, *names: Any) -> None:
        # It is the first of all packages. What they import stays: looking for garbage among it,
        # now and ever after, would take a tenth of each start.
        gc.disable()
        super().__init__(*names)

    def ready(self) -> None:
        """Connect job kinds, baselines and study sections to their packages."""
        import config.checks  # noqa: F401  registers what a site must not start with
        from config import wiring

        wiring.register_all()
        gc.freeze()
        gc.enable()
