"""Wiring between floors: which package answers for which kind of job and section."""

from django.apps import AppConfig


class ConfigConfig(AppConfig):
    """Registers, once all packages are loaded, what lower floors know only by name."""

    name = "config"

    def ready(self) -> None:
        """Connect job kinds, baselines and study sections to their packages."""
        import config.celery  # binds work's shared tasks to the application
        import config.checks  # noqa: F401  registers what a site must not start with
        from config import wiring

        wiring.register_all()
