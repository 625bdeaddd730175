"""Endpoints can be set up in the admin; the ledger of calls is only looked at."""

from django.contrib import admin
from django.http import HttpRequest

from llm.actions.health import keep_lane
from llm.models import Call, Endpoint
from work.admin import ReadOnlyAdmin


@admin.register(Endpoint)
class EndpointAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    """The models that can be reached. One that was asked stays, as its calls refer to it."""

    list_display = ["name", "model", "protocol", "base_url", "key_name", "is_active"]
    list_filter = ["protocol", "is_active"]

    def save_model(self, request: HttpRequest, obj: Endpoint, form: object, change: bool) -> None:
        super().save_model(request, obj, form, change)
        keep_lane(obj)

    def has_delete_permission(self, request: HttpRequest, obj: object = None) -> bool:
        return False


@admin.register(Call)
class CallAdmin(ReadOnlyAdmin):
    """Every question put to a model. What it answered is about a person and not shown here."""

    exclude = ["raw_response"]
    list_display = ["started_at", "endpoint", "scope", "purpose", "state", "outcome", "cost"]
    list_filter = ["state", "purpose"]
    list_select_related = ["endpoint"]
    search_fields = ["scope", "provider_request_id"]
    show_full_result_count = False
