"""Tasks and judgments in the admin: looked at, never edited."""

from django.contrib import admin

from annotation.models import Assignment, Item, Judgment, Rater, RubricVersion, Skip, Task
from work.admin import ReadOnlyAdmin


@admin.register(RubricVersion)
class RubricVersionAdmin(ReadOnlyAdmin):
    """Frozen rubrics."""

    list_display = ["study", "stage", "version"]
    list_filter = ["stage"]
    list_select_related = ["study"]


@admin.register(Rater)
class RaterAdmin(ReadOnlyAdmin):
    """People and models who judge."""

    list_display = ["ref", "study", "kind", "model"]
    list_filter = ["kind"]
    list_select_related = ["study"]
    search_fields = ["ref"]
    show_full_result_count = False


@admin.register(Item)
class ItemAdmin(ReadOnlyAdmin):
    """Things judged."""

    list_display = ["ref", "study", "stage"]
    list_filter = ["stage"]
    list_select_related = ["study"]
    search_fields = ["ref"]
    show_full_result_count = False


@admin.register(Task)
class TaskAdmin(ReadOnlyAdmin):
    """Screens."""

    list_display = ["ref", "study", "stage", "subject"]
    list_filter = ["stage"]
    list_select_related = ["study", "subject"]
    search_fields = ["ref"]
    show_full_result_count = False


@admin.register(Assignment)
class AssignmentAdmin(ReadOnlyAdmin):
    """Places of tasks."""

    list_display = ["task", "role", "place", "state", "rater", "lease_until", "finished_at"]
    list_filter = ["stage", "role", "state"]
    list_select_related = ["task", "rater"]
    show_full_result_count = False


@admin.register(Judgment)
class JudgmentAdmin(ReadOnlyAdmin):
    """Answers, of people and models."""

    list_display = ["ref", "study", "stage", "rater", "role", "revision", "is_usable", "flag"]
    list_filter = ["stage", "role", "is_usable", "flag"]
    list_select_related = ["study", "rater"]
    search_fields = ["ref"]
    show_full_result_count = False


@admin.register(Skip)
class SkipAdmin(ReadOnlyAdmin):
    """Refusals with their reasons."""

    list_display = ["study", "item", "rater", "reason", "at"]
    list_select_related = ["study", "item", "rater"]
    show_full_result_count = False
