"""The `llm` package as Django knows it."""

from django.apps import AppConfig


class LlmConfig(AppConfig):
    """The one door to language models."""

    name = "llm"
    verbose_name = "Language models"
