"""Releases in the admin: looked at; what was published does not change."""

from django.contrib import admin

from releases.models import Release
from work.admin import ReadOnlyAdmin


@admin.register(Release)
class ReleaseAdmin(ReadOnlyAdmin):
    """Published snapshots."""

    list_display = ["study", "version", "state", "created_at", "published_at"]
    list_filter = ["state"]
    list_select_related = ["study"]
