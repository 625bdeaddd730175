"""The package as Django sees it."""

from importlib import import_module

from django.apps import AppConfig


class StudiesConfig(AppConfig):
    """Studies, the people in them, and how they came."""

    name = "studies"

    def import_models(self) -> None:
        """Also the tables that stand in a room of their own."""
        super().import_models()
        import_module("studies.recruitment.models")
