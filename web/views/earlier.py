"""A rater's own answers, the latest first, and changing them."""

from uuid import UUID

from django.core.exceptions import PermissionDenied, ValidationError
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from annotation.actions.changing import change_answers
from annotation.actions.raters import rater_for_participant
from annotation.choices import Stage
from annotation.earlier import earlier_places
from annotation.errors import ChangedMeanwhile, NotYours, StaleFence, StudyClosed
from annotation.models import Assignment
from studies.parts import may_judge
from web.judging import Judging
from web.participants import participant_or_404, participants_of
from web.task_forms import KnownForm
from web.task_page import Fault, TaskPage
from web.views.judge import device_of, signed_out

PER_PAGE = 20
REFUSALS = (NotYours, StaleFence, StudyClosed)


@never_cache
@require_safe
def listed(request: HttpRequest, slug: str) -> HttpResponse:
    """What they answered in a study and may still change."""
    participant = participant_or_404(request, slug)
    rater = rater_for_participant(participant)
    places = earlier_places(rater).select_related("task__prompt", "task__conversation")
    page = Paginator(places, PER_PAGE).get_page(request.GET.get("page"))
    people = participants_of(request).values_list("pk", flat=True)
    context = {"study": participant.study, "people": people, "places": page}
    return render(request, "judge/earlier.html", context)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def change(request: HttpRequest, slug: str, stage: str, assignment_id: UUID) -> HttpResponse:
    """One task as they answered it; what is sent becomes the next revision."""
    try:
        judging = Judging(request, slug, stage)
    except Http404:
        if stage not in Stage.values:
            raise
        return signed_out(request, slug)
    place = judging.finished(assignment_id)
    is_open = may_judge(judging.participant, stage) and judging.participant.study.is_open
    if request.method == "POST":
        return _change(judging, place, assignment_id)
    is_changeable = earlier_places(judging.rater).filter(pk=assignment_id).exists()
    if place is None or not (is_open and is_changeable):
        raise Http404
    return judging.show_said(judging.page_of_said(place))


def _change(judging: Judging, place: Assignment | None, assignment_id: UUID) -> HttpResponse:
    known = KnownForm(judging.request.POST)
    if not known.is_valid():
        return judging.refuse(_("This page was incomplete, so nothing was stored."))
    task_page = judging.page_of_said(place, judging.request.POST) if place else None
    if task_page and not task_page.is_valid:
        return judging.show_said(task_page, status=422, faults=task_page.faults())
    return _store(judging, task_page, assignment_id, known.cleaned_data["known"])


def _store(
    judging: Judging, task_page: TaskPage | None, assignment_id: UUID, known: int
) -> HttpResponse:
    try:
        change_answers(
            assignment_id=assignment_id,
            rater=judging.rater,
            entries=task_page.entries() if task_page else [],
            known=known,
            device=device_of(judging.request),
            language=judging.language,
        )
    except ChangedMeanwhile as refusal:
        assert task_page  # only finished places can have changed
        return _show_again(judging, task_page, 409, [str(refusal)])
    except ValidationError as error:
        if task_page is None:
            return judging.refuse(error.messages[0])
        return _show_again(judging, task_page, 422, error.messages)
    except (*REFUSALS, PermissionDenied) as refusal:
        return judging.refuse(str(refusal), task_page)
    return _changed(judging)


def _show_again(
    judging: Judging, task_page: TaskPage, status: int, sentences: list[str]
) -> HttpResponse:
    faults = [Fault("task", sentence) for sentence in sentences]
    return judging.show_said(task_page, status=status, faults=faults)


def _changed(judging: Judging) -> HttpResponse:
    """On with the next task, or with the break that they came from."""
    answer = judging.go_on(_("Your change is saved."))
    if judging.is_htmx:  # It is shown in the place of the page on which answers were changed.
        slug = judging.participant.study.slug
        answer["HX-Replace-Url"] = reverse("judge", args=[slug, judging.stage])
    return answer
