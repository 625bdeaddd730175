"""The task: showing it, taking its answers, going on to the next."""

from http import HTTPStatus
from typing import Any
from uuid import UUID, uuid4

from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from annotation.actions.assignments import claim_next, skip_assignment
from annotation.actions.distress import skip_distressing
from annotation.actions.judgments import submit_assignment
from annotation.actions.raters import rater_for_participant
from annotation.choices import Stage
from annotation.duties import duty_in, pace_of, roles_of
from annotation.errors import AlreadySubmitted, NotYours, StaleFence, StudyClosed
from annotation.models import Assignment, Rater
from annotation.screens import screen_of
from studies.models import Participant
from studies.parts import may_judge
from web import locked, warning
from web.participants import language_for, participant_or_404
from web.task_page import Fault, PlaceForm, SkipForm, TaskPage

REFUSALS = (AlreadySubmitted, NotYours, StaleFence, StudyClosed)


class Judging:
    """One request of one rater about one stage."""

    def __init__(self, request: HttpRequest, slug: str, stage: str) -> None:
        if stage not in Stage.values:
            raise Http404
        self.request = request
        self.stage = stage
        self.participant: Participant = participant_or_404(request, slug)
        self.rater: Rater = rater_for_participant(self.participant)
        self.language = language_for(self.participant, get_language() or "")

    def claim(self) -> Assignment | None:
        """The next place, in the first role that has one."""
        for role in roles_of(self.participant):
            place = claim_next(
                study=self.participant.study, stage=self.stage, role=role, rater=self.rater
            )
            if place:
                return place
        return None

    def held(self, assignment_id: UUID, fence: int) -> Assignment | None:
        """The place a page was made for, if the rater still holds it as they did then."""
        return (
            Assignment.objects.filter(
                pk=assignment_id, rater=self.rater, fence=fence, stage=self.stage, state="leased"
            )
            .still_shared()
            .select_related("study", "task__study", "task__conversation", "task__prompt")
            .first()
        )

    def page_of(self, place: Assignment, data: Any = None) -> TaskPage:
        """The place as a page, at the step it has reached."""
        return TaskPage(
            assignment=place,
            screen=screen_of(place),
            language=self.language,
            locked=locked.locked_of(self.request.session, place),
            data=data,
        )

    def show(self, page: TaskPage | None, *, status: int = 200, **more: Any) -> HttpResponse:
        """The page, or only the task where htmx asks for it."""
        duty = duty_in(participant=self.participant, rater=self.rater, stage=self.stage)
        context = {
            "study": self.participant.study,
            "stage": self.stage,
            "page": page,
            "duty": duty,
            "number": duty.done + 1,
            "minutes_left": self._minutes(duty.waiting),
            "key": uuid4().hex,
            "warning": self._warning(page),
            **more,
        }
        name = "judge/task.html#task" if self._is_htmx else "judge/task.html"
        return render(self.request, name, context, status=status)

    def _warning(self, page: TaskPage | None) -> dict[str, str] | None:
        if page is None:
            return None
        return warning.warning_before(self.request.session, page.assignment, self.language)

    def _minutes(self, waiting: int) -> int | None:
        pace = pace_of(self.rater, self.stage)
        return None if pace is None else max(1, round(pace * waiting / 60))

    @property
    def _is_htmx(self) -> bool:
        return bool(getattr(self.request, "htmx", False))

    def go_on(self, note: str) -> HttpResponse:
        """What comes next: swapped in by htmx, else by a redirect."""
        if not self._is_htmx:
            answer = redirect("judge", slug=self.participant.study.slug, stage=self.stage)
            answer.status_code = HTTPStatus.SEE_OTHER
            return answer
        place = self.claim()
        return self.show(self.page_of(place) if place else None, note=note)

    def refuse(self, sentence: str) -> HttpResponse:
        """Say why nothing was stored, and offer to go on."""
        return self.show(None, status=409, problem=sentence)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def page(request: HttpRequest, slug: str, stage: str) -> HttpResponse:
    """The next task of a stage, or the answers to the one before."""
    judging = Judging(request, slug, stage)
    if not may_judge(judging.participant, stage):
        return _not_yet(judging)
    if request.method == "POST":
        return _take(judging)
    place = judging.claim()
    return judging.show(judging.page_of(place) if place else None)


def _not_yet(judging: Judging) -> HttpResponse:
    """Something comes before judging, such as what owners write before they see a model's."""
    if judging.request.method == "POST":
        sentence = _("Something comes before this. The study's page shows what is next.")
        return judging.refuse(sentence)
    return redirect("door", slug=judging.participant.study.slug)


def _take(judging: Judging) -> HttpResponse:
    place = PlaceForm(judging.request.POST)
    if not place.is_valid():
        return judging.refuse(_("This page was incomplete, so nothing was stored."))
    act = ACTS.get(judging.request.POST.get("action", ""), _submit)
    try:
        return act(judging, place.cleaned_data)
    except REFUSALS as refusal:
        return judging.refuse(str(refusal))
    except PermissionDenied as refusal:
        if not getattr(judging.request, "htmx", False):
            raise
        return judging.refuse(str(refusal))


def _skip(judging: Judging, place: dict[str, Any]) -> HttpResponse:
    form = SkipForm(judging.request.POST, prefix="skip")
    if not form.is_valid():
        return judging.refuse(_("Say why you skip it; the task is still yours."))
    skip_assignment(
        assignment_id=place["assignment"],
        rater=judging.rater,
        fence=place["fence"],
        reason=form.cleaned_data["reason"],
    )
    return judging.go_on(_("Skipped. Here is the next task."))


def _show_it(judging: Judging, place: dict[str, Any]) -> HttpResponse:
    """The rater was warned and wants to see it."""
    if held := judging.held(place["assignment"], place["fence"]):
        warning.choose_to_see(judging.request.session, held)
    return judging.go_on("")


def _pass(judging: Judging, place: dict[str, Any]) -> HttpResponse:
    """The rater was warned and would rather not."""
    skip_distressing(assignment_id=place["assignment"], rater=judging.rater, fence=place["fence"])
    return judging.go_on(_("Skipped. Here is the next task."))


def _submit(judging: Judging, place: dict[str, Any]) -> HttpResponse:
    held = judging.held(place["assignment"], place["fence"])
    if held is None:
        return _submit_again(judging, place)
    task_page = judging.page_of(held, judging.request.POST)
    if not task_page.is_valid:
        return judging.show(task_page, status=422, faults=task_page.faults())
    if task_page.is_locking:
        locked.lock(judging.request.session, held, task_page.cards)
        return judging.go_on(_("Your choice is kept. Now a few details."))
    try:
        _store(judging, place, task_page.entries())
    except ValidationError as error:
        faults = [Fault("task", sentence) for sentence in error.messages]
        return judging.show(task_page, status=422, faults=faults)
    locked.forget(judging.request.session, held)
    return judging.go_on(_("Your answers are saved."))


def _submit_again(judging: Judging, place: dict[str, Any]) -> HttpResponse:
    """Stored already under this page's own name, or no longer theirs: the action knows which."""
    try:
        _store(judging, place, [])
    except ValidationError as refusal:
        # The page's key is known: what it sent first is stored, and stays as it is.
        if "key" not in getattr(refusal, "error_dict", {}):
            raise
    return judging.go_on(_("Your answers are saved."))


def _store(judging: Judging, place: dict[str, Any], entries: list[Any]) -> None:
    submit_assignment(
        assignment_id=place["assignment"],
        rater=judging.rater,
        fence=place["fence"],
        entries=entries,
        key=place["key"],
        device=_device(judging.request),
        language=judging.language,
    )


def _device(request: HttpRequest) -> str:
    """The class of device, as far as the browser tells it."""
    return "phone" if "Mobi" in request.headers.get("User-Agent", "") else "desktop"


ACTS = {"skip": _skip, "show": _show_it, "pass": _pass}
"""What else than submitting a page's buttons do."""
