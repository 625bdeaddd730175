"""Users, studies and members in the admin; what people allowed is only looked at."""

from django.contrib import admin
from django.contrib.auth.admin import UserAdmin
from django.http import HttpRequest

from studies.models import ApiToken, Consent, Membership, Participant, Study, User
from work.admin import ReadOnlyAdmin

admin.site.register(User, UserAdmin)


class MembershipInline(admin.TabularInline):  # type: ignore[type-arg]
    """Who runs the study."""

    model = Membership
    extra = 0
    autocomplete_fields = ["user"]


@admin.register(Study)
class StudyAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    """Studies: their documents are loaded as files, since only then are they checked.

    A study is closed and opened on its page.
    """

    list_display = ["slug", "title", "state"]
    list_filter = ["state"]
    search_fields = ["slug"]
    readonly_fields = ["slug", "ref", "document", "state", "closed_at", "extra"]
    inlines = [MembershipInline]

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: object = None) -> bool:
        return False


@admin.register(Participant)
class ParticipantAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    """People under their pseudonyms; only an account and the role of an expert are given here."""

    list_display = ["ref", "study", "basis", "is_expert"]
    list_filter = ["basis", "is_expert"]
    list_select_related = ["study"]
    search_fields = ["ref"]
    readonly_fields = ["study", "ref", "traits", "language", "basis", "extra"]
    autocomplete_fields = ["user"]
    show_full_result_count = False

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: object = None) -> bool:
        return False


@admin.register(Consent)
class ConsentAdmin(ReadOnlyAdmin):
    """Who allowed what, when."""

    list_display = ["participant", "scope", "version", "given_at", "withdrawn_at"]
    list_filter = ["scope"]
    list_select_related = ["participant"]
    show_full_result_count = False


@admin.register(ApiToken)
class ApiTokenAdmin(ReadOnlyAdmin):
    """Programs' keys: they can be revoked; their digest is of no use to anyone."""

    exclude = ["digest"]
    list_display = ["name", "user", "study", "scope", "created", "expiry", "last_used_on"]
    list_select_related = ["user", "study"]

    def has_delete_permission(self, request: HttpRequest, obj: object = None) -> bool:
        return admin.ModelAdmin.has_delete_permission(self, request, obj)
