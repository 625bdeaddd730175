"""What a study owes and pays: for its owners and managers."""

import csv
from collections.abc import Iterator
from uuid import uuid4

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.utils.cache import patch_cache_control
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from studies.actions.payments import give_bonus, mark_paid
from studies.models import Payment, Study, User
from studies.payments import panel_rows, panels_of, pay_totals, real_pay
from studies.rules import check_can_manage
from web.participants import signed_in
from web.pay_page import BonusForm, lines_of, owed_in
from web.views.researchers import researchers_only, study_or_404


@require_safe
@researchers_only
@never_cache
def page(request: HttpRequest, slug: str) -> HttpResponse:
    """Who is owed what, and what it comes to per hour."""
    study, _by = _managed(request, slug)
    return _show(
        request,
        study,
        BonusForm(initial={"key": uuid4(), "participant": request.GET.get("to", "")}),
    )


def _show(request: HttpRequest, study: Study, form: BonusForm, fault: str = "") -> HttpResponse:
    context = {
        "study": study,
        "totals": pay_totals(study),
        "real": real_pay(study),
        "people": lines_of(study, request.GET.get("page", "")),
        "panels": panels_of(study),
        "form": form,
        "fault": fault,
    }
    return render(request, "pay/page.html", context, status=422 if form.is_bound else 200)


@require_POST
@researchers_only
def bonus(request: HttpRequest, slug: str) -> HttpResponse:
    """Owe somebody something beside."""
    study, by = _managed(request, slug)
    form = BonusForm(request.POST)
    if not form.is_valid():
        return _show(request, study, form)
    given = dict(form.cleaned_data)
    person = study.participants.filter(ref=given.pop("participant")).first()
    if person is None:
        form.add_error("participant", _("Nobody in this study has this pseudonym."))
        return _show(request, study, form)
    try:
        give_bonus(participant=person, by=by, **given)
    except ValidationError as refusal:
        return _show(request, study, form, fault=" ".join(refusal.messages))
    messages.success(request, _("The bonus is owed now."))
    return redirect("pay", slug=study.slug)


@require_POST
@researchers_only
def paid(request: HttpRequest, slug: str) -> HttpResponse:
    """Note that people were paid what the page said."""
    study, by = _managed(request, slug)
    tokens = request.POST.getlist("shown" if "all" in request.POST else "chosen")
    try:
        n = mark_paid(study=study, owed=owed_in(tokens), by=by)
    except ValidationError as refusal:
        messages.error(request, " ".join(refusal.messages))
    else:
        said = ngettext("%d payment is marked as paid.", "%d payments are marked as paid.", n)
        messages.success(request, said % n)
    return redirect("pay", slug=study.slug)


class _Line:
    """What a CSV writer writes to: it hands each line back."""

    def write(self, line: str) -> str:
        return line


@require_POST
@researchers_only
@never_cache
def export(request: HttpRequest, slug: str) -> StreamingHttpResponse:
    """The panel's own list of whom to pay how much; streamed and stored nowhere."""
    study, _by = _managed(request, slug)
    panel, kind = request.POST.get("panel", ""), request.POST.get("kind", "")
    if panel not in panels_of(study) or kind not in ("", *Payment.Kind.values):
        raise Http404
    name = f"{study.slug}-{panel}-{kind or 'pay'}.csv"
    response = StreamingHttpResponse(
        _lines(study, panel, kind),
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )
    patch_cache_control(response, no_store=True, private=True)
    return response


def _lines(study: Study, panel: str, kind: str) -> Iterator[str]:
    writer = csv.writer(_Line())
    for row in panel_rows(study, panel=panel, kind=kind):
        yield writer.writerow(row)


def _managed(request: HttpRequest, slug: str) -> tuple[Study, User]:
    """The study and the user; PermissionDenied for those who may only look."""
    study, user = study_or_404(request, slug), signed_in(request)
    if user is None:
        raise Http404
    check_can_manage(study, user)
    return study, user
