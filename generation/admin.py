"""What machines proposed and people wrote, in the admin: looked at, never edited."""

from django.contrib import admin

from generation.models import Attribute, Prompt, Response, Selection
from work.admin import ReadOnlyAdmin


@admin.register(Attribute)
class AttributeAdmin(ReadOnlyAdmin):
    """Statements about people."""

    list_display = ["ref", "study", "participant", "type", "author"]
    list_filter = ["type"]
    list_select_related = ["study", "participant"]
    search_fields = ["ref"]
    show_full_result_count = False


@admin.register(Prompt)
class PromptAdmin(ReadOnlyAdmin):
    """Requests."""

    list_display = ["ref", "study", "participant", "type"]
    list_select_related = ["study", "participant"]
    search_fields = ["ref"]
    show_full_result_count = False


@admin.register(Response)
class ResponseAdmin(ReadOnlyAdmin):
    """Replies, with how each was made."""

    list_display = ["ref", "study", "strategy", "model"]
    list_filter = ["strategy"]
    list_select_related = ["study"]
    search_fields = ["ref"]
    show_full_result_count = False


@admin.register(Selection)
class SelectionAdmin(ReadOnlyAdmin):
    """Attributes chosen for prompts."""

    list_display = ["study", "prompt", "attribute", "source", "value"]
    list_select_related = ["study", "prompt", "attribute"]
    show_full_result_count = False
