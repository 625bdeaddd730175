"""Machine work in the admin: looked at, never edited; the queue alone changes it."""

from django.contrib import admin
from django.http import HttpRequest

from work.models import Job, JobResult, Revival, Run, WorkerHeartbeat


class ReadOnlyAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    """Rows that record what happened: nobody adds, changes or deletes them here."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: object = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: object = None) -> bool:
        return False


@admin.register(Run)
class RunAdmin(ReadOnlyAdmin):
    """Plans of machine work."""

    list_display = ["title", "scope", "kind", "created_by", "created_at"]
    list_filter = ["kind"]
    search_fields = ["title", "scope"]


@admin.register(Job)
class JobAdmin(ReadOnlyAdmin):
    """Single pieces of it."""

    list_display = ["id", "scope", "kind", "state", "attempt", "last_error", "created_at"]
    list_filter = ["state", "kind"]
    search_fields = ["id", "scope", "last_error"]
    show_full_result_count = False


@admin.register(JobResult)
class JobResultAdmin(ReadOnlyAdmin):
    """What came out of them."""

    list_display = ["job", "outcome", "attempt", "at"]
    list_select_related = ["job"]
    show_full_result_count = False


@admin.register(Revival)
class RevivalAdmin(ReadOnlyAdmin):
    """Second chances given by people."""

    list_display = ["job", "by", "reason", "at"]
    list_select_related = ["job"]


@admin.register(WorkerHeartbeat)
class WorkerHeartbeatAdmin(ReadOnlyAdmin):
    """Who is alive."""

    list_display = ["owner", "role", "at"]
