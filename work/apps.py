"""The `work` package as Django knows it."""

from django.apps import AppConfig


class WorkConfig(AppConfig):
    """Durable work: job rows are the truth, Celery is the doorbell."""

    name = "work"
