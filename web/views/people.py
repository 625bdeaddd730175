"""A researcher's board of who came to a study, and what a panel says of them."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from studies.models import Study
from studies.recruitment.invitations import invitations_of
from studies.recruitment.panel import Panel
from studies.recruitment.people import MOST_PEOPLE, funnel, people_of
from studies.recruitment.reconciliation import COUNTED, Reconciliation, as_csv, reconcile
from studies.recruitment.registry import admits_anyone, panels_of
from web.parts import TITLES
from web.views.researchers import managed_study_or_404, researchers_only

MOST_LINES = 200
"""Of a comparison on one page; the rest is in the file."""
STEPS = {
    "opened": _("opened the door"),
    "consented": _("agreed"),
    "declined": _("said no"),
    "screened_out": _("screened out"),
    "attention": _("did not pass the questions"),
    "done": _("done"),
    "left": _("left"),
}
COUNTS = {
    "panel_done": _("done, says the panel"),
    "we_done": _("done, say we"),
    "paid": _("paid"),
    "returned": _("returned"),
    "timed_out": _("timed out"),
    "unknown": _("unknown to us"),
    "not_listed": _("not in the panel's list"),
}


OUTCOMES = {
    "under_way": _("under way"),
    "done": _("done"),
    "screened_out": _("screened out"),
    "attention": _("did not pass the questions"),
}


class InvitationForm(forms.Form):
    """For how many people and how long an invitation holds."""

    label = forms.CharField(
        required=False,
        max_length=100,
        label=_("A note for yourself"),
        help_text=_("Not a person's name."),
    )
    limit = forms.IntegerField(initial=1, min_value=1, label=_("For how many people"))
    days = forms.IntegerField(initial=14, min_value=1, label=_("For how many days"))
    is_expert = forms.BooleanField(required=False, label=_("They judge as experts"))


class ExportForm(forms.Form):
    """A panel's list of people, as a file or as text."""

    panel = forms.ChoiceField(label=_("The panel"))
    file = forms.FileField(required=False, label=_("Its list as a file"), help_text=_("CSV"))
    text = forms.CharField(
        required=False,
        strip=False,
        label=_("Or the list itself"),
        widget=forms.Textarea({"rows": 5, "spellcheck": "false"}),
    )

    def __init__(self, panels: list[Panel], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.panels = {panel.name: panel for panel in panels}
        field = self.fields["panel"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [(name, name) for name in self.panels]
        if len(panels) == 1:
            field.widget = forms.HiddenInput()
            field.initial = panels[0].name

    def compare(self, study: Study) -> Reconciliation:
        """The comparison; raises ValidationError for a list that cannot be read."""
        file, text = self.cleaned_data.get("file"), self.cleaned_data.get("text", "")
        data = file.read() if file else text.encode()
        return reconcile(study, self.panels[self.cleaned_data["panel"]], data)


@researchers_only
@never_cache
@require_http_methods(["GET", "HEAD"])
def page(request: HttpRequest, slug: str) -> HttpResponse:
    """How many came how far, the people by pseudonym, the invitations."""
    return show(request, managed_study_or_404(request, slug))


def show(request: HttpRequest, study: Study, *, status: int = 200, **more: Any) -> HttpResponse:
    """The board, with what came of an act on it."""
    panels = panels_of(study)
    steps = funnel(study)
    context: dict[str, Any] = {
        "study": study,
        "admits_anyone": admits_anyone(study),
        "funnel": [(STEPS[name], number) for name, number in steps.items()],
        "people": [
            (line.participant, [TITLES[name] for name in line.parts if name in TITLES])
            for line in people_of(study)
        ],
        "is_cut": steps["consented"] > MOST_PEOPLE,
        "most_people": MOST_PEOPLE,
        "invitations": invitations_of(study),
        "invitation_form": InvitationForm(label_suffix=""),
        "export_form": ExportForm(panels, label_suffix="") if panels else None,
    }
    return render(request, "people/board.html", context | more, status=status)


@researchers_only
@never_cache
@require_POST
def reconcile_panel(request: HttpRequest, slug: str) -> HttpResponse | StreamingHttpResponse:
    """Compare a panel's list with ours, on a page or as a file; the list is not kept."""
    study = managed_study_or_404(request, slug)
    form = ExportForm(panels_of(study), request.POST, request.FILES, label_suffix="")
    if not form.is_valid():
        return show(request, study, status=422, export_form=form)
    try:
        found = form.compare(study)
    except ValidationError as refusal:
        form.add_error(None, refusal)
        return show(request, study, status=422, export_form=form)
    if request.POST.get("as") == "csv":
        return _download(study, found)
    context = {
        "study": study,
        "counts": [(COUNTS[name], found.counts[name]) for name in COUNTED],
        "lines": [(line, OUTCOMES.get(line.outcome, "–")) for line in found.lines[:MOST_LINES]],
        "total": len(found.lines),
        "is_cut": len(found.lines) > MOST_LINES,
    }
    return render(request, "people/reconciled.html", context)


def _download(study: Study, found: Reconciliation) -> StreamingHttpResponse:
    answer = StreamingHttpResponse(as_csv(found), content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="{study.slug}-panel.csv"'
    return answer
