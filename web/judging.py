"""One request of one rater about one stage: their places, and the pages that show them."""

from http import HTTPStatus
from typing import Any
from uuid import UUID, uuid4

from django.core.exceptions import PermissionDenied
from django.db.models import UUIDField
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import get_language

from annotation.actions.assignments import claim_first
from annotation.actions.drafts import HELD, draft_of
from annotation.choices import Stage
from annotation.duties import duty_in, roles_of
from annotation.earlier import revision_of, said_in
from annotation.guidelines import guidelines_of
from annotation.models import Assignment, Rater
from annotation.querysets import AssignmentQuerySet
from annotation.screens import screen_of
from studies.models import Participant
from web import sittings, warning
from web.ahead import Ahead, count, read
from web.kept_words import kept_words
from web.participants import language_for, participants_of
from web.rating import rater_or_404
from web.task_forms import HeldForm
from web.task_page import TaskPage
from work.statements import Given, Select

WITH_PLACE = ("study", "draft", "task__study", "task__conversation", "task__prompt")
HOLDING: Select[Assignment] = Select(
    Assignment.objects.filter(
        state__in=HELD,
        pk=Given("place", UUIDField()),
        rater=Given("rater", UUIDField()),
        stage=Given.of(Assignment, "stage"),
        fence=Given.of(Assignment, "fence"),
    )
    .still_shared()
    .select_related(*WITH_PLACE)
)
"""A place with its task and draft, by who holds it."""


class Judging:
    """Who asks, about which stage."""

    def __init__(self, request: HttpRequest, slug: str, stage: str) -> None:
        self.request = request
        self.stage = stage
        self.rater: Rater = rater_or_404(request, slug)
        assert self.rater.participant
        self.participant: Participant = self.rater.participant
        if stage not in Stage.values:
            raise Http404
        self.language = language_for(self.participant, get_language() or "")
        self.is_htmx = bool(getattr(request, "htmx", False))
        self.refusal = ""
        """Why a role gives them nothing more, in words for them."""

    def claim(self) -> Assignment | None:
        """The next place, in the first role that has one and that the study's rules allow."""
        place, refusal = claim_first(
            study=self.participant.study,
            stage=self.stage,
            roles=roles_of(self.participant),
            rater=self.rater,
        )
        self.refusal = str(refusal or "")
        return place

    def held(self, assignment_id: UUID, fence: int) -> Assignment | None:
        """The place a page was made for, if they may still answer it as they held it then."""
        held = HOLDING(place=assignment_id, fence=fence, rater=self.rater.pk, stage=self.stage)
        return next(iter(held), None)

    def finished(self, assignment_id: UUID) -> Assignment | None:
        """A place of theirs that is answered, and may still be shown."""
        return self._answered(assignment_id).still_shared().first()

    def stored(self, assignment_id: UUID) -> Assignment | None:
        """The same, whether or not it may be shown: to be compared with what is sent again."""
        return self._answered(assignment_id).first()

    def _answered(self, assignment_id: UUID) -> AssignmentQuerySet:
        places = Assignment.objects.filter(pk=assignment_id, rater=self.rater, stage=self.stage)
        return places.filter(state__in=Assignment.FILLED).select_related(*WITH_PLACE)

    def page_of(self, place: Assignment, data: Any = None) -> TaskPage:
        """A held place as a page, at the step it has reached."""
        # Under a new fence nothing is kept yet.
        draft = draft_of(place) if getattr(place, "is_held_again", True) else None
        return TaskPage(
            assignment=place,
            screen=screen_of(place),
            language=self.language,
            locked=draft.locked if draft else {},
            data=data,
            draft=draft,
        )

    def page_of_said(self, place: Assignment, data: Any = None) -> TaskPage:
        """A finished place as a page on which its answers can be changed."""
        return TaskPage(
            assignment=place,
            screen=screen_of(place),
            language=self.language,
            locked={},
            data=data,
            said=said_in(place),
        )

    def show(self, page: TaskPage | None, *, status: int = 200, **more: Any) -> HttpResponse:
        """The page, or only the task where htmx asks for it."""
        study = self.participant.study
        duty = self._duty()
        context = {
            "study": study,
            "stage": self.stage,
            **self._people(),
            "page": page,
            "duty": duty,
            "number": duty.done + 1,
            "minutes_left": duty.minutes,
            "key": uuid4().hex,
            "refusal": self.refusal,
            "warning": self._warning(page),
            "guidelines": guidelines_of(study, self.stage, self.language),
            "last": sittings.last_sent(self.request.session, study, self.stage),
            **more,
        }
        name = "judge/task.html#task" if self.is_htmx else "judge/task.html"
        return render(self.request, name, context, status=status)

    def show_said(self, page: TaskPage, *, status: int = 200, **more: Any) -> HttpResponse:
        """The page on which answers are changed, or only its form."""
        context = {
            "study": self.participant.study,
            "stage": self.stage,
            **self._people(),
            "page": page,
            "known": revision_of(page.said),
            "guidelines": guidelines_of(self.participant.study, self.stage, self.language),
            **more,
        }
        name = "judge/change.html#task" if self.is_htmx else "judge/change.html"
        return render(self.request, name, context, status=status)

    def _people(self) -> dict[str, Any]:
        """Who this is, and who else this browser may be: whose drafts stay on the device."""
        if self.is_htmx:
            return {"person": self.participant.pk}
        people = participants_of(self.request).values_list("pk", flat=True)
        return {"person": self.participant.pk, "people": people}

    def _warning(self, page: TaskPage | None) -> dict[str, str] | None:
        if page is None:
            return None
        return warning.warning_before(self.request.session, page.assignment, self.language)

    def _duty(self) -> Ahead:
        """How far they are: counted where a page is opened, and reckoned on from task to task."""
        session, study = self.request.session, self.participant.study
        kept = read(sittings.ahead_in(session, study, self.stage), self.rater)
        if self.is_htmx and kept:
            return kept
        counted = count(self.participant, self.rater, self.stage)
        if self.is_htmx:
            sittings.note_ahead(session, study, self.stage, counted.kept())
        return counted

    def go_on(self, note: str) -> HttpResponse:
        """What comes next: swapped in by htmx, else by a redirect."""
        if not self.is_htmx:
            answer = redirect("judge", slug=self.participant.study.slug, stage=self.stage)
            answer.status_code = HTTPStatus.SEE_OTHER
            return answer
        try:
            return self.next_page(note=note)
        except PermissionDenied as refusal:  # What was sent is stored all the same.
            self.refusal = str(refusal)
            return self.show(None, note=note)

    def next_page(self, **more: Any) -> HttpResponse:
        """A break where one is due, else the next task, or that there is none."""
        study = self.participant.study
        session = self.request.session
        if sittings.is_over(session, study, self.stage, self.rater) and self._waits():
            return self.show(None, rest=sittings.size_of(study, self.stage), **more)
        place = self.claim()
        return self.show(self.page_of(place) if place else None, **more)

    def _waits(self) -> bool:
        duty = duty_in(participant=self.participant, rater=self.rater, stage=self.stage)
        return duty.waiting > 0

    def refuse(self, sentence: str, page: TaskPage | None = None) -> HttpResponse:
        """Say why nothing was stored, show what was written, and offer to go on."""
        words = kept_words(self.request.POST, page or self._page_sent())
        return self.show(None, status=409, problem=sentence, words=words)

    def _page_sent(self) -> TaskPage | None:
        """The page that was filled in, if its place is theirs."""
        form = HeldForm(self.request.POST)
        if not form.is_valid():
            return None
        place = form.cleaned_data
        if held := self.held(place["assignment"], place["fence"]):
            return self.page_of(held, self.request.POST)
        finished = self.finished(place["assignment"])
        return self.page_of_said(finished, self.request.POST) if finished else None
