"""Everything about one person in one study, and what they may do about each line of it."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.core.paginator import Page, Paginator
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from annotation.screens import Span
from generation.actions.owning import give_up_recall
from generation.actions.remembering import (
    correct_attribute,
    forget_attribute,
    remember_attribute,
    undo_correction,
)
from generation.extraction import LONGEST_STATEMENT
from generation.models import Attribute, Evidence
from releases.models import Erasure
from releases.personal import overview
from releases.personal.answers import judgments_of, said_in
from releases.personal.holding_back import RECALL_FIRST, recall_is_awaited
from releases.personal.survey import answered_at, survey_answers
from studies.models import Participant
from studies.parts import is_reached, parts_of
from studies.recruitment.models import PanelIdentity
from studies.rules import takes_part
from web.limits import limited
from web.own_words import personal_data_in, seal_of
from web.participants import language_for, participant_or_404
from web.parts import TITLES
from web.spans import cut_turns
from web.taking_back import consent_lines

LINES_PER_PAGE = 20


@never_cache
@require_safe
def page(request: HttpRequest, slug: str) -> HttpResponse:
    """What they gave, what was noticed, who could see it, what they allowed, what is paid."""
    participant = participant_or_404(request, slug)
    return render(request, "me/study.html", _context(request, participant))


def _context(request: HttpRequest, participant: Participant) -> dict[str, Any]:
    awaited = recall_is_awaited(participant)
    lists = {
        "conversations": overview.conversations_of(participant),
        "noticed": _unless(awaited, overview.noticed_about(participant)),
        "written": overview.written_by(participant),
        "forgotten": _unless(awaited, overview.forgotten_by(participant)),
        "prompts": overview.prompts_of(participant),
    }
    language = language_for(participant, get_language() or "")
    judged = _part_of(request, "judged", judgments_of(participant))
    return {
        "study": participant.study,
        "participant": participant,
        "judged": judged,
        "judged_lines": [(row, said_in(row, language)) for row in judged],
        "longest": LONGEST_STATEMENT,
        "recall_first": RECALL_FIRST if awaited else "",
        "erasure": Erasure.objects.filter(subject=participant.pk).first(),
        **{name: _part_of(request, name, rows) for name, rows in lists.items()},
        "survey": survey_answers(participant, language),
        "survey_at": answered_at(participant),
        "panel": PanelIdentity.objects.filter(participant=participant).first(),
        "unshared": overview.unshared_of(participant),
        "may_review": _may_review(participant),
        "donations": overview.donations_of(participant),
        "answers": overview.answers_of(participant),
        "peers": overview.peers_who_saw(participant),
        "models": overview.models_reached(participant),
        "releases": overview.releases_with(participant),
        "consents": consent_lines(participant),
        "payments": [(row, TITLES.get(row.part, row.part)) for row in participant.payments.all()],
    }


def _may_review(participant: Participant) -> bool:
    """Would the pages on which unshared conversations are read let them in?"""
    is_in = participant.study.is_open and takes_part(participant)
    return is_in and is_reached(parts_of(participant), "review")


def _unless(is_held_back: bool, rows: QuerySet[Attribute]) -> QuerySet[Attribute]:
    return rows.none() if is_held_back else rows


def _part_of(request: HttpRequest, name: str, rows: QuerySet[Any]) -> Page[Any]:
    """The page of a list that its own parameter asks for; the first or last for nonsense."""
    return Paginator(rows, LINES_PER_PAGE).get_page(request.GET.get(name))


@never_cache
@require_safe
def conversation(request: HttpRequest, slug: str, conversation: UUID) -> HttpResponse:
    """A conversation they shared, with the words marked that something was noticed from."""
    participant = participant_or_404(request, slug)
    shared = get_object_or_404(participant.conversations, pk=conversation)
    awaited = recall_is_awaited(participant)
    spans = [
        (number, Span(place.turn.position, place.start or 0, place.end or 0))
        for number, place in enumerate([] if awaited else _places(shared.pk), 1)
        if place.turn is not None
    ]
    context = {
        "study": participant.study,
        "conversation": shared,
        "is_marked": not awaited,
        "turns": cut_turns(shared.turns_at(), spans),
    }
    return render(request, "me/conversation.html", context)


def _places(conversation: UUID) -> QuerySet[Evidence]:
    places = Evidence.objects.filter(conversation=conversation, turn__isnull=False)
    return places.filter(attribute__forgotten_at__isnull=True).select_related("turn")


@limited("rights", "60/m")
@require_POST
def show_noticed(request: HttpRequest, slug: str) -> HttpResponse:
    """Show what was noticed although nothing was written before."""
    give_up_recall(participant=participant_or_404(request, slug))
    return redirect(f"{reverse('me_study', args=[slug])}#noticed")


# -- Per line ------------------------------------------------------------------


@limited("rights", "60/m")
@require_POST
def correct(request: HttpRequest, slug: str, attribute: UUID) -> HttpResponse:
    """Their own words in place of what was noticed, after a look for personal data in them."""
    text = request.POST.get("text", "")
    participant = participant_or_404(request, slug)
    row = get_object_or_404(participant.attributes, pk=attribute)
    findings = personal_data_in([text], participant)
    seal = seal_of(findings)
    if seal != request.POST.get("seal", ""):
        context = {"study": participant.study, "row": row, "text": text, "findings": findings}
        context |= {"seal": seal, "longest": LONGEST_STATEMENT}
        return render(request, "me/correct.html", context, status=422)

    def act(row: Attribute, person: Participant) -> str:
        new = correct_attribute(attribute=row, participant=person, text=text)
        return _("Put right: “%s”. The old line is not used any more.") % new.text

    return _acted(request, slug, attribute, act)


@require_POST
def undo(request: HttpRequest, slug: str, attribute: UUID) -> HttpResponse:
    """Let the line stand again that they had put right."""

    def act(row: Attribute, person: Participant) -> str:
        undo_correction(attribute=row, participant=person)
        return _("Undone. The line stands as it was.")

    return _acted(request, slug, attribute, act)


@require_POST
def forget(request: HttpRequest, slug: str, attribute: UUID) -> HttpResponse:
    """Do not remember it."""

    def act(row: Attribute, person: Participant) -> str:
        forget_attribute(attribute=row, participant=person)
        return _("Not remembered any more. You can undo this further down, under “Not remembered”.")

    return _acted(request, slug, attribute, act)


@limited("rights", "60/m")
@require_POST
def remember(request: HttpRequest, slug: str, attribute: UUID) -> HttpResponse:
    """Undo that."""

    def act(row: Attribute, person: Participant) -> str:
        remember_attribute(attribute=row, participant=person)
        return _("Remembered again.")

    return _acted(request, slug, attribute, act)


Act = Callable[[Attribute, Participant], str]


def _acted(request: HttpRequest, slug: str, attribute: UUID, act: Act) -> HttpResponse:
    """Do it to a line that is theirs, say what came of it, and lead back to the lines."""
    participant = participant_or_404(request, slug)
    row = get_object_or_404(participant.attributes, pk=attribute)
    try:
        messages.success(request, act(row, participant))
    except ValidationError as refusal:
        messages.error(request, " ".join(refusal.messages))
    return redirect(_place_of(row, participant))


def _place_of(row: Attribute, participant: Participant) -> str:
    """Where the line stands on its page, if it still does."""
    lines = overview.noticed_about(participant)
    address = reverse("me_study", args=[participant.study.slug])
    if not lines.filter(pk=row.pk).exists():
        return f"{address}#noticed"
    number = lines.filter(ref__lt=row.ref).count() // LINES_PER_PAGE + 1
    return f"{address}?noticed={number}#line-{row.ref}"
