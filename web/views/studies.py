"""A researcher's studies, and a new one from its document."""

from typing import Any

from django import forms
from django.contrib.auth.decorators import permission_required
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache

from studies.actions.studies import load_study
from studies.document import LONGEST_DOCUMENT, read_document
from studies.models import Study
from web.participants import signed_in
from web.views.researchers import researchers_only


class DocumentForm(forms.Form):
    """A study document, as a file or as text."""

    file = forms.FileField(
        required=False, label=gettext_lazy("A file"), help_text=gettext_lazy("YAML or JSON, UTF-8")
    )
    text = forms.CharField(
        required=False,
        strip=False,
        label=gettext_lazy("Or the text itself"),
        widget=forms.Textarea({"rows": 18, "spellcheck": "false", "class": "document"}),
    )

    def clean(self) -> dict[str, Any]:
        """The document under `document`; each of its faults is one error."""
        found = super().clean() or {}
        text = _text_of(found["file"]) if found.get("file") else found.get("text", "")
        if not text.strip():
            raise ValidationError(_("Choose a file or paste a document."))
        found["document"] = read_document(text)
        return found


def _text_of(file: Any) -> str:
    if file.size > 4 * LONGEST_DOCUMENT:
        raise ValidationError(_("The file is too long for a study document."))
    try:
        return str(file.read().decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        raise ValidationError(
            _("The file is not UTF-8: byte %(at)s.") % {"at": error.start}
        ) from error


@researchers_only
@never_cache
def page(request: HttpRequest) -> HttpResponse:
    """The studies somebody has a role in."""
    user = signed_in(request)
    studies = Study.objects.visible_to(user) if user else Study.objects.none()
    return render(request, "studies/list.html", {"studies": studies})


@researchers_only
@permission_required("studies.add_study", raise_exception=True)
def new(request: HttpRequest) -> HttpResponse:
    """Make a study from its document."""
    form = DocumentForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        try:
            document = form.cleaned_data["document"]
            study = load_study(document=document, by=signed_in(request), is_new=True)
            return redirect("study", slug=study.slug)
        except (ValidationError, PermissionDenied) as refusal:
            form.add_error(None, getattr(refusal, "messages", [str(refusal)]))
    status = 422 if form.errors else 200
    return render(request, "studies/new.html", {"form": form}, status=status)
