"""A researcher's pages on raters: who needs a look, and what is known of one of them."""

from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from annotation.actions.exclusions import LONGEST_REASON, end_exclusion, exclude_rater
from annotation.actions.replacing import ask_others, to_replace
from annotation.models import Rater
from studies.models import Study, User
from studies.rules import can_manage
from web.csv_answers import csv_answer
from web.participants import signed_in
from web.raters_page import card_of, counted_on, has_nothing, titled
from web.views.researchers import researchers_only, study_or_404


class ReasonForm(forms.Form):
    """Why somebody is left out."""

    reason = forms.CharField(
        max_length=LONGEST_REASON,
        label=gettext_lazy("Why they are left out"),
        widget=forms.TextInput({"dir": "auto", "autocomplete": "off"}),
    )


@require_safe
@researchers_only
@never_cache
def page(request: HttpRequest, slug: str) -> HttpResponse:
    """Everybody who judges, the most suspicious first."""
    study = study_or_404(request, slug)
    # Needs numpy, which most visits never do.
    from annotation.quality.document import raters_document

    document = raters_document(study, counted_on(request.GET))
    for row in document["raters"]:
        row["titles"] = titled(row["flags"])
    context = {
        "study": study,
        "document": document,
        "listed": [row for row in document["raters"] if not has_nothing(row)],
        "silent": [row["rater"] for row in document["raters"] if has_nothing(row)],
    }
    return render(request, "studies/raters.html", context)


@require_safe
@researchers_only
@never_cache
def flagged(request: HttpRequest, slug: str) -> HttpResponse:
    """A line for the study's page, which asks for it after it has come: how many need a look."""
    study = study_or_404(request, slug)
    from annotation.quality.document import flagged_at_a_glance

    context = {"study": study, "count": flagged_at_a_glance(study)}
    return render(request, "studies/flagged_raters.html", context)


@require_safe
@researchers_only
@never_cache
def card(request: HttpRequest, slug: str, rater: str) -> HttpResponse:
    """One rater: each signal with the judgments behind it."""
    return _show(request, study_or_404(request, slug), rater, ReasonForm())


@require_safe
@researchers_only
@never_cache
def labels(request: HttpRequest, slug: str) -> HttpResponse:
    """How probable each answer is for each item, by the models of raters, as CSV."""
    study = study_or_404(request, slug)
    from annotation.quality.labels import label_lines, labels_document

    lines = label_lines(labels_document(study, raters=counted_on(request.GET)))
    return csv_answer(lines, f"{study.slug}-labels.csv")


def _show(
    request: HttpRequest, study: Study, ref: str, form: ReasonForm, status: int = 200
) -> HttpResponse:
    try:
        from annotation.quality.document import rater_document

        document = rater_document(study, ref, counted_on(request.GET))
    except Rater.DoesNotExist as missing:
        raise Http404 from missing
    user = signed_in(request)
    context: dict[str, Any] = {
        "study": study,
        "rater": document,
        "card": card_of(study, document["signals"]),
        "form": form,
        "may_manage": bool(user and can_manage(study, user)),
        "replaceable": document["excluded"] and to_replace(_row_of(study, ref)).count(),
    }
    return render(request, "studies/rater.html", context, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
@researchers_only
def exclude(request: HttpRequest, slug: str, rater: str) -> HttpResponse:
    """Leave them out of the figures; who opens the address is led to the card."""
    study, row, user = _acting(request, slug, rater)
    if request.method != "POST":
        return redirect("rater", slug=slug, rater=rater)
    form = ReasonForm(request.POST)
    try:
        exclude_rater(rater=row, reason=str(form.data.get("reason", "")), by=user)
    except ValidationError as refusal:
        form.is_valid()
        form.add_error(None, ValidationError(refusal.messages))
        return _show(request, study, rater, form, status=422)
    messages.success(request, _("Left out of the figures. Nothing was deleted."))
    return redirect("rater", slug=slug, rater=rater)


@require_http_methods(["GET", "HEAD", "POST"])
@researchers_only
def include(request: HttpRequest, slug: str, rater: str) -> HttpResponse:
    """Take them in again."""
    _study, row, user = _acting(request, slug, rater)
    if request.method != "POST":
        return redirect("rater", slug=slug, rater=rater)
    try:
        end_exclusion(rater=row, by=user)
        messages.success(request, _("Counted in the figures again."))
    except ValidationError as refusal:
        messages.error(request, " ".join(refusal.messages))
    return redirect("rater", slug=slug, rater=rater)


@require_http_methods(["GET", "HEAD", "POST"])
@researchers_only
def replace(request: HttpRequest, slug: str, rater: str) -> HttpResponse:
    """Ask others what somebody answered who is left out."""
    _study, row, user = _acting(request, slug, rater)
    if request.method != "POST":
        return redirect("rater", slug=slug, rater=rater)
    try:
        count = ask_others(rater=row, by=user)
        told = ngettext(
            "%(count)s task is asked of somebody else.",
            "%(count)s tasks are asked of somebody else.",
            count,
        )
        messages.success(request, told % {"count": count})
    except ValidationError as refusal:
        messages.error(request, " ".join(refusal.messages))
    return redirect("rater", slug=slug, rater=rater)


def _acting(request: HttpRequest, slug: str, ref: str) -> tuple[Study, Rater, User]:
    study, user = study_or_404(request, slug), signed_in(request)
    row = _row_of(study, ref)
    if user is None:
        raise Http404
    return study, row, user


def _row_of(study: Study, ref: str) -> Rater:
    return get_object_or_404(Rater, study=study, ref=ref, kind=Rater.Kind.HUMAN)
