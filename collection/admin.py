"""Conversations in the admin: looked at, never edited; an edit would be a new turn."""

from django.contrib import admin

from collection.models import Conversation, Turn
from work.admin import ReadOnlyAdmin


@admin.register(Conversation)
class ConversationAdmin(ReadOnlyAdmin):
    """What reached us."""

    list_display = ["ref", "study", "participant", "source", "language"]
    list_filter = ["source"]
    list_select_related = ["study", "participant"]
    search_fields = ["ref"]
    show_full_result_count = False


@admin.register(Turn)
class TurnAdmin(ReadOnlyAdmin):
    """What was said."""

    list_display = ["conversation", "position", "edition", "role"]
    list_select_related = ["conversation"]
    show_full_result_count = False
