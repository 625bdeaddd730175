"""Wiring between floors: which package answers for which kind of job and section."""

from django.apps import AppConfig


class ConfigConfig(AppConfig):
    """Registers, once all packages are loaded, what lower floors know only by name."""

    name = "config"

    def ready(self) -> None:
        """Connect job kinds, baselines and study sections to their packages."""
        import config.celery  # noqa: F401  binds work's shared tasks to the application
        from config import wiring

        wiring.register_all()
