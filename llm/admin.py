"""Endpoints to configure and the ledger to read."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from llm.models import Call, Endpoint


@admin.register(Endpoint)
class EndpointAdmin(admin.ModelAdmin):  # type: ignore[type-arg]  # generic in the stubs only
    """Where models are; keys are in the environment and are not shown."""

    list_display = ["name", "model", "protocol", "base_url", "structured", "is_active"]


@admin.register(Call)
class CallAdmin(admin.ModelAdmin):  # type: ignore[type-arg]  # generic in the stubs only
    """What was asked and what it cost; bodies may hold participants' text and are left out."""

    list_display = [
        "purpose",
        "model_asked",
        "state",
        "outcome",
        "cost",
        "latency_ms",
        "started_at",
    ]
    list_filter = ["state", "outcome", "purpose"]
    exclude = ["raw_response"]
    show_full_result_count = False

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False
