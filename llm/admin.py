"""Endpoints and budgets can be set up in the admin; the ledger of calls is only looked at."""

from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.http import HttpRequest

from llm import keys
from llm.actions.budgets import let_held_go
from llm.actions.endpoints import check_fields, check_url
from llm.actions.health import keep_lane
from llm.actions.keys import check_key, set_key
from llm.models import Budget, Call, Endpoint, EndpointHealth
from work.admin import ReadOnlyAdmin


class EndpointForm(forms.ModelForm):  # type: ignore[type-arg]
    """An endpoint with a field for its key, which can be written and is never shown."""

    new_key = forms.CharField(
        required=False,
        strip=True,
        widget=forms.PasswordInput(render_value=False, attrs={"autocomplete": "off"}),
        help_text="Sealed at once and shown to nobody. Empty: the key stays as it is.",
    )
    take_key_away = forms.BooleanField(required=False)

    class Meta:
        model = Endpoint
        exclude = ["sealed_key"]  # noqa: DJ006

    def clean_new_key(self) -> str:
        key: str = self.cleaned_data["new_key"]
        check_key(key)
        return key

    def clean(self) -> dict[str, Any]:
        """Refuse an address that may not be asked, as everywhere."""
        given = super().clean() or self.cleaned_data
        if not self.errors and given.get("base_url") and "base_url" in self.changed_data:
            check_url(given["base_url"])
        return given

    def _post_clean(self) -> None:
        super()._post_clean()  # type: ignore[misc]
        if not self.errors:
            try:
                check_fields(self.instance)
            except ValidationError as refusal:
                self.add_error(None, refusal)


@admin.register(Endpoint)
class EndpointAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    """The models that can be reached. One that was asked stays, as its calls refer to it."""

    form = EndpointForm
    list_display = ["name", "model", "protocol", "base_url", "key", "is_active"]
    list_filter = ["protocol", "is_active"]
    readonly_fields = ["key"]

    @admin.display(description="key")
    def key(self, endpoint: Endpoint) -> str:
        """Whether there is one, and where."""
        return keys.shown(endpoint)

    def save_model(
        self, request: HttpRequest, obj: Endpoint, form: EndpointForm, change: bool
    ) -> None:
        super().save_model(request, obj, form, change)
        given = form.cleaned_data
        if given.get("new_key") or given.get("take_key_away"):
            set_key(endpoint=obj, key=given.get("new_key", ""), by=request.user.get_username())
        keep_lane(obj)
        let_held_go(obj)

    def has_delete_permission(self, request: HttpRequest, obj: object = None) -> bool:
        return False


@admin.register(EndpointHealth)
class EndpointHealthAdmin(ReadOnlyAdmin):
    """How they behave."""

    list_display = ["endpoint", "circuit", "reason", "trips", "open_until", "changed_at"]
    list_select_related = ["endpoint"]


@admin.register(Budget)
class BudgetAdmin(ReadOnlyAdmin):
    """What may be spent and what was; set by the study document and `manage.py budget`."""

    list_display = [
        "scope", "max_cost", "spent", "reserved", "overrun", "max_calls", "calls", "set_by",
    ]  # fmt: skip
    search_fields = ["scope"]


@admin.register(Call)
class CallAdmin(ReadOnlyAdmin):
    """Every question put to a model. What it answered is about a person and not shown here."""

    exclude = ["raw_response"]
    list_display = ["started_at", "endpoint", "scope", "purpose", "state", "outcome", "cost"]
    list_filter = ["state", "purpose"]
    list_select_related = ["endpoint"]
    search_fields = ["scope", "provider_request_id"]
    show_full_result_count = False
