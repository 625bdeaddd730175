"""Releases and erasures in the admin: looked at; staff may ask for an erasure for somebody."""

from typing import Any

from django import forms
from django.contrib import admin
from django.http import HttpRequest

from releases.models import Erasure, Release
from studies.models import Participant
from work.admin import ReadOnlyAdmin


@admin.register(Release)
class ReleaseAdmin(ReadOnlyAdmin):
    """Published snapshots."""

    list_display = ["study", "version", "state", "created_at", "published_at"]
    list_filter = ["state"]
    list_select_related = ["study"]


class ErasureForm(forms.ModelForm):  # type: ignore[type-arg]
    """Whom to erase: a pseudonym in a study, and a tick."""

    pseudonym = forms.CharField(max_length=200)
    sure = forms.BooleanField(label="Erase everything about them. This cannot be undone.")

    class Meta:
        model = Erasure
        fields = ["study"]

    def clean(self) -> dict[str, Any]:
        """The participant behind the pseudonym, or a fault."""
        found = super().clean() or self.cleaned_data
        people = Participant.objects.filter(study=found.get("study"), ref=found.get("pseudonym"))
        found["participant"] = people.first()
        if found["participant"] is None:
            self.add_error("pseudonym", "Nobody takes part in this study under this pseudonym.")
        return found


@admin.register(Erasure)
class ErasureAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    """Requests to be erased, and how far they are; who asked for one here is in the log."""

    form = ErasureForm
    fields = ["study", "pseudonym", "sure"]
    list_display = ["receipt", "study", "requested_at", "finished_at"]
    list_select_related = ["study"]
    search_fields = ["receipt"]

    def save_model(self, request: HttpRequest, obj: Erasure, form: Any, change: bool) -> None:
        """Ask for it; the row that the form stood for becomes the request's."""
        # Every process loads the admin's pages; few need what erasing needs.
        from releases.actions.erasing import request_erasure

        erasure = request_erasure(participant=form.cleaned_data["participant"])
        obj.pk, obj.receipt = erasure.pk, erasure.receipt

    def has_change_permission(self, request: HttpRequest, obj: object = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: object = None) -> bool:
        return False
