"""Jobs for the operator: read, and give dead ones another chance."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from work import queue
from work.models import Job, JobQuerySet, Run, WorkerHeartbeat


class ReadOnly(admin.ModelAdmin):  # type: ignore[type-arg]  # generic in the stubs only
    """Rows that only the queue writes."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(Job)
class JobAdmin(ReadOnly):
    """Every job with its state and what went wrong last."""

    list_display = ["kind", "scope", "state", "attempt", "last_error", "run_after", "lease_owner"]
    list_filter = ["state", "kind"]
    search_fields = ["=id", "scope", "last_error"]
    show_full_result_count = False
    actions = ["revive"]

    @admin.action(description="Give dead jobs another chance")
    def revive(self, request: HttpRequest, queryset: JobQuerySet) -> None:
        """Revive those selected that are dead."""
        for job in queryset.filter(state=Job.State.DEAD):
            queue.revive(job, by=request.user.get_username(), reason="From the admin pages.")


@admin.register(Run)
class RunAdmin(ReadOnly):
    """Plans of machine work."""

    list_display = ["title", "kind", "scope", "created_by", "created_at"]


@admin.register(WorkerHeartbeat)
class WorkerHeartbeatAdmin(ReadOnly):
    """Who is at work."""

    list_display = ["owner", "role", "at"]
