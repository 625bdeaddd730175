"""The task: showing it, taking its answers, going on to the next."""

from contextlib import suppress
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from annotation.actions.assignments import skip_assignment
from annotation.actions.distress import skip_distressing
from annotation.actions.drafts import drop_draft, lock_answers
from annotation.actions.judgments import submit_assignment
from annotation.choices import Stage
from annotation.earlier import is_final, says_the_same
from annotation.errors import AlreadySubmitted, NotYours, StaleFence, StudyClosed
from annotation.feedback import feedback_on
from annotation.models import Assignment, Judgment
from annotation.practice import was_told
from annotation.rubrics.forms import AnswerForm
from annotation.rules import check_is_shared
from studies.parts import may_judge
from web import sittings, warning
from web.judging import Judging
from web.kept_words import kept_words
from web.task_forms import PlaceForm, SkipForm
from web.task_page import Card, Fault, TaskPage

REFUSALS = (AlreadySubmitted, NotYours, StaleFence, StudyClosed)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def page(request: HttpRequest, slug: str, stage: str) -> HttpResponse:
    """The next task of a stage, or the answers to the one before."""
    try:
        judging = Judging(request, slug, stage)
    except Http404:
        if stage not in Stage.values:
            raise
        return signed_out(request, slug)
    if not may_judge(judging.participant, stage):
        return _not_yet(judging)
    return _take(judging) if request.method == "POST" else judging.next_page()


def signed_out(request: HttpRequest, slug: str) -> HttpResponse:
    """To whoever is nobody here, mostly since their session is over; no study is looked for."""
    context = {
        "slug": slug,
        "is_sent": request.method == "POST",
        "words": kept_words(request.POST),
    }
    return render(request, "judge/signed_out.html", context, status=404)


def _not_yet(judging: Judging) -> HttpResponse:
    """Something comes before judging, such as what owners write before they see a model's."""
    if judging.request.method == "POST":
        sentence = _("Something comes before this. The study's page shows what is next.")
        return judging.refuse(sentence)
    return redirect("door", slug=judging.participant.study.slug)


def _take(judging: Judging) -> HttpResponse:
    action = judging.request.POST.get("action", "")
    if action == "go on":
        study, rater = judging.participant.study, judging.rater
        sittings.begin(judging.request.session, study, judging.stage, rater)
        return judging.go_on("")
    place = PlaceForm(judging.request.POST)
    if not place.is_valid():
        return judging.refuse(_("This page was incomplete, so nothing was stored."))
    try:
        return ACTS.get(action, _submit)(judging, place.cleaned_data)
    except REFUSALS as refusal:
        return judging.refuse(str(refusal))
    except PermissionDenied as refusal:
        if not judging.is_htmx:
            raise
        return judging.refuse(str(refusal))


def _skip(judging: Judging, place: dict[str, Any]) -> HttpResponse:
    form = SkipForm(judging.request.POST, prefix="skip")
    if not form.is_valid():
        return _ask_why(judging, place, form)
    skip_assignment(
        assignment_id=place["assignment"],
        rater=judging.rater,
        fence=place["fence"],
        reason=form.said,
    )
    return _skipped(judging, place)


def _skipped(judging: Judging, place: dict[str, Any]) -> HttpResponse:
    drop_draft(assignment_id=place["assignment"], rater=judging.rater)
    sittings.note_skipped(judging.request.session, judging.participant.study, judging.stage)
    return judging.go_on(_("Skipped. Here is the next task."))


def _ask_why(judging: Judging, place: dict[str, Any], form: SkipForm) -> HttpResponse:
    """The same page, with what was filled in and what is wrong with the reason."""
    held = judging.held(place["assignment"], place["fence"])
    if held is None:
        return judging.refuse(_("Say why you skip it; the task is still yours."))
    task_page = judging.page_of(held, judging.request.POST)
    task_page.skip_form = form
    faults = [
        Fault(form[name].auto_id, f"{form[name].label} — {sentence}")
        for name, sentences in form.errors.items()
        for sentence in sentences
    ]
    return judging.show(task_page, status=422, faults=faults)


def _show_it(judging: Judging, place: dict[str, Any]) -> HttpResponse:
    """The rater was warned and wants to see it."""
    if held := judging.held(place["assignment"], place["fence"]):
        warning.choose_to_see(judging.request.session, held)
    return judging.go_on("")


def _pass(judging: Judging, place: dict[str, Any]) -> HttpResponse:
    """The rater was warned and would rather not."""
    skip_distressing(assignment_id=place["assignment"], rater=judging.rater, fence=place["fence"])
    return _skipped(judging, place)


def _submit(judging: Judging, place: dict[str, Any]) -> HttpResponse:
    held = judging.held(place["assignment"], place["fence"])
    if held is None:
        return _submit_again(judging, place)
    task_page = judging.page_of(held, judging.request.POST)
    if before := task_page.of_the_step_before(judging.request.POST):
        return _show_step(judging, task_page, before)
    if not task_page.is_valid:
        return judging.show(task_page, status=422, faults=task_page.faults())
    if task_page.is_locking:
        lock_answers(
            assignment_id=held.pk, rater=judging.rater, fence=held.fence, answers=task_page.fixed()
        )
        return judging.go_on(_("Your choice is kept. Now a few details."))
    try:
        judgments = _store(judging, place, task_page)
    except ValidationError as error:
        faults = [Fault("task", sentence) for sentence in error.messages]
        return judging.show(task_page, status=422, faults=faults)
    return _sent(judging, task_page, judgments)


def _show_step(
    judging: Judging, task_page: TaskPage, before: list[tuple[Card, AnswerForm]]
) -> HttpResponse:
    """Another tab has fixed the first answers: its choice stands, and is named if it is another."""
    other = [card for card, form in before if task_page.stands_against(card, form)]
    if not other:
        return judging.go_on(_("Your choice is kept. Now a few details."))
    choice = " · ".join(label for card in other for label in card.kept)
    posted = judging.request.POST.items()
    return judging.show(
        judging.page_of(task_page.assignment),
        status=409,
        stands=_("You chose “%(choice)s” in another tab; that choice stands.") % {"choice": choice},
        words=kept_words({name: str(text) for name, text in posted if name.endswith("-comment")}),
    )


def _sent(judging: Judging, task_page: TaskPage, judgments: list[Judgment]) -> HttpResponse:
    held = task_page.assignment
    if task_page.draft:  # one that comes this very moment is swept away later
        drop_draft(assignment_id=held.pk, rater=judging.rater)
    is_late = any(row.is_surplus for row in judgments)
    is_changeable = not is_late and not was_told(held)
    sittings.note_sent(judging.request.session, held, is_changeable=is_changeable)
    if lessons := feedback_on(held, task_page.screen, language=judging.language):
        return judging.show(None, lessons=lessons)
    return judging.go_on(
        _("Your answers came late and are saved all the same. Thank you.")
        if is_late
        else _("Your answers are saved.")
    )


def _submit_again(judging: Judging, place: dict[str, Any]) -> HttpResponse:
    """Answered already, or no longer theirs: then the action says what is in the way."""
    stored = judging.stored(place["assignment"])
    if stored is None:
        return _learn_why(judging, place)
    task_page = judging.page_of_said(stored, judging.request.POST)
    # A place fixes its first answers before the rest: what is sent of that step is stored long ago.
    is_whole = task_page.is_valid and not task_page.is_locking
    if is_whole and says_the_same(task_page.screen, task_page.said, task_page.entries()):
        return judging.go_on(_("Your answers are saved."))
    check_is_shared(is_shared=judging.finished(stored.pk) is not None)
    if stored.state != Assignment.State.DONE or is_final(stored):
        return judging.refuse(_("This task is already submitted; nothing was stored twice."))
    if not judging.participant.study.is_open:
        return judging.refuse(_("This study is closed; answers can no longer be changed."))
    return judging.show_said(task_page, status=409, is_sent_already=True)


def _learn_why(judging: Judging, place: dict[str, Any]) -> HttpResponse:
    """The action refuses it with a sentence; without answers it stores nothing in any case."""
    with suppress(ValidationError):
        _store(judging, place, None)
    return judging.refuse(_("This page was incomplete, so nothing was stored."))


def _store(judging: Judging, place: dict[str, Any], task_page: TaskPage | None) -> list[Judgment]:
    return submit_assignment(
        assignment_id=place["assignment"],
        rater=judging.rater,
        fence=place["fence"],
        entries=task_page.entries() if task_page else [],
        key=place["key"],
        device=device_of(judging.request),
        language=judging.language,
    )


def device_of(request: HttpRequest) -> str:
    """The class of device, as far as the browser tells it."""
    return "phone" if "Mobi" in request.headers.get("User-Agent", "") else "desktop"


ACTS = {"skip": _skip, "show": _show_it, "pass": _pass}
"""What else than submitting a page's buttons do."""
