"""The operator's page: what waits, who works, which endpoints answer, and what may be spent."""

from functools import wraps
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from generation.actions.budgets import give_budget
from llm.actions.health import close_circuit
from llm.models import Endpoint
from web.broker import does_answer
from web.held import held_jobs, stopped_jobs
from web.operations_page import (
    BudgetForm,
    all_checks,
    budget_page,
    endpoint_lines,
    overdue_leases,
    people_with_budgets,
    processes,
    queues,
    slugs_seen_by,
)
from web.participants import signed_in
from web.views.researchers import View, done_from, researchers_only


def operators_only(view: View) -> View:
    """For those who run the site; for anybody else who is signed in there is no such page."""

    @wraps(view)
    def guarded(request: HttpRequest) -> HttpResponseBase:
        user = signed_in(request)
        if user is None or not user.is_staff:
            raise Http404
        return view(request)

    return researchers_only(guarded)


@require_safe
@operators_only
@never_cache
def page(request: HttpRequest) -> HttpResponse:
    """Everything that moves; asked by the page itself, only that."""
    context = {
        "queues": queues(),
        "held": [*held_jobs(), *stopped_jobs()],
        "seen": slugs_seen_by(signed_in(request)),
        "overdue": overdue_leases(),
        "processes": processes(),
        "has_broker": does_answer(),
        "endpoints": endpoint_lines(),
    }
    if getattr(request, "htmx", False):
        return render(request, "operations/live.html", context)
    return _show(request, BudgetForm(), context)


def _show(request: HttpRequest, form: BudgetForm, context: dict[str, object]) -> HttpResponse:
    context |= {
        "form": form,
        "budgets": budget_page(request.GET.get("page", "")),
        "people": people_with_budgets(),
    }
    status = 422 if form.is_bound else 200
    return render(request, "operations/page.html", context, status=status)


@require_safe
@operators_only
@never_cache
def invariants(request: HttpRequest) -> HttpResponse:
    """Whether every promise holds; reads whole tables, so it is asked for by itself."""
    is_part = getattr(request, "htmx", False)
    name = "operations/checks.html" if is_part else "operations/invariants.html"
    return render(request, name, {"checks": all_checks()})


@require_http_methods(["GET", "HEAD", "POST"])
@operators_only
@done_from("operations")
def circuit(request: HttpRequest) -> HttpResponse:
    """Ask an endpoint again that was left alone."""
    try:
        pk = UUID(request.POST.get("endpoint", ""))
    except ValueError:
        raise Http404 from None
    endpoint = get_object_or_404(Endpoint, pk=pk)
    close_circuit(endpoint=endpoint, by=request.user.get_username())
    messages.success(request, _("The endpoint %s is asked again.") % endpoint.name)
    return redirect("operations")


@require_http_methods(["GET", "HEAD", "POST"])
@operators_only
@done_from("operations")
def budget(request: HttpRequest) -> HttpResponse:
    """Say how much may be spent on behalf of a study, its participants or one, or an endpoint."""
    form = BudgetForm(request.POST)
    if form.is_valid():
        try:
            give_budget(**form.cleaned_data, by=request.user.get_username())
        except ValidationError as refusal:
            form.add_error(None, refusal)
        else:
            messages.success(request, _("The budget is set. What was held for want of it goes on."))
            return redirect("operations")
    return _show(request, form, {"is_refused": True})
