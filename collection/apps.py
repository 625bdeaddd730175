"""The package as Django sees it."""

from importlib import import_module

from django.apps import AppConfig


class CollectionConfig(AppConfig):
    """Conversations, those that are shared and those that are not yet."""

    name = "collection"

    def import_models(self) -> None:
        """Also the tables that stand in a room of their own."""
        super().import_models()
        import_module("collection.unshared.models")
