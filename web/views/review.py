"""Reading one's conversations before they are shared: hiding words, removing turns, sharing."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from uuid import UUID

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from collection.actions import reviewing
from collection.actions.sharing import is_shared, share_conversation
from collection.models import Conversation
from collection.unshared.drafts import draft_of, names_of
from collection.unshared.listing import counted, waiting_of
from collection.unshared.models import UnsharedConversation
from studies.actions.parts import begin_part
from studies.models import Participant
from web.conversation_titles import title_of_conversation
from web.limits import limited
from web.part_page import part_page
from web.participants import signed_in
from web.review_page import ReviewPage


class ActForm(forms.Form):
    """Which turn an act is about, and what in it."""

    turn = forms.UUIDField()
    start = forms.IntegerField(min_value=0, required=False)
    end = forms.IntegerField(min_value=0, required=False)
    words = forms.CharField(required=False, strip=False)
    everywhere = forms.BooleanField(required=False)
    replacement = forms.CharField(required=False)
    kind = forms.CharField(required=False)


@dataclass(frozen=True, slots=True)
class Said:
    """The same, once checked."""

    turn: UUID
    start: int | None
    end: int | None
    words: str
    everywhere: bool
    replacement: str
    kind: str


def _hide(participant: Participant, said: Said) -> str:
    if said.start is None:
        count = reviewing.hide_words(
            turn_id=said.turn,
            participant=participant,
            words=said.words,
            everywhere=said.everywhere,
        )
    else:
        count = reviewing.hide_span(
            turn_id=said.turn,
            participant=participant,
            start=said.start,
            words=said.words,
            everywhere=said.everywhere,
        )
    return ngettext("Hidden in %(n)s place.", "Hidden in %(n)s places.", count) % {"n": count}


def _lift(participant: Participant, said: Said) -> str:
    reviewing.lift_redaction(
        turn_id=said.turn,
        participant=participant,
        start=said.start or 0,
        end=said.end or 0,
        everywhere=said.everywhere,
    )
    return _("These words stay as they are.")


def _lift_everywhere(participant: Participant, said: Said) -> str:
    return _lift(participant, replace(said, everywhere=True))


def _hide_again(participant: Participant, said: Said) -> str:
    reviewing.hide_again(
        turn_id=said.turn, participant=participant, start=said.start or 0, end=said.end or 0
    )
    return _("These words are hidden again.")


def _lift_kind(participant: Participant, said: Said) -> str:
    count = reviewing.lift_kind(
        turn_id=said.turn, participant=participant, kind=said.kind, start=said.start or 0
    )
    return ngettext("%(n)s place stays as it is.", "%(n)s places stay as they are.", count) % {
        "n": count
    }


def _hide_kind(participant: Participant, said: Said) -> str:
    count = reviewing.hide_kind(
        turn_id=said.turn, participant=participant, kind=said.kind, start=said.start or 0
    )
    return ngettext("Hidden in %(n)s place.", "Hidden in %(n)s places.", count) % {"n": count}


def _replace(participant: Participant, said: Said) -> str:
    reviewing.replace_redaction(
        turn_id=said.turn,
        participant=participant,
        start=said.start or 0,
        end=said.end or 0,
        replacement=said.replacement,
    )
    return _("Your words stand there now.") if said.replacement else _("Put back.")


def _remove_turn(participant: Participant, said: Said) -> str:
    reviewing.remove_turn(turn_id=said.turn, participant=participant)
    return _("This turn is taken out. You can put it back.")


def _put_back(participant: Participant, said: Said) -> str:
    reviewing.put_back_turn(turn_id=said.turn, participant=participant)
    return _("This turn is back.")


ACTS: dict[str, Callable[[Participant, Said], str]] = {
    "hide": _hide,
    "lift": _lift,
    "lift_everywhere": _lift_everywhere,
    "hide_again": _hide_again,
    "lift_kind": _lift_kind,
    "hide_kind": _hide_kind,
    "replace": _replace,
    "remove_turn": _remove_turn,
    "put_back": _put_back,
}


@part_page("review")
@require_http_methods(["GET", "HEAD"])
def page(request: HttpRequest, participant: Participant) -> HttpResponse:
    """What waits to be read."""
    begin_part(participant=participant, name="review")
    waiting = [
        (row, title_of_conversation(row, participant)) for row in counted(waiting_of(participant))
    ]
    shared = Conversation.objects.filter(participant=participant, shared_at__isnull=False)
    context = {"study": participant.study, "waiting": waiting, "shared": shared.count()}
    return render(request, "review/list.html", context)


@limited("review", "60/m")
@part_page("review")
@require_http_methods(["GET", "HEAD", "POST"])
def conversation(
    request: HttpRequest, participant: Participant, conversation: UUID
) -> HttpResponse:
    """One conversation as it would be shared, or an act on it."""
    if is_shared(conversation, participant):
        return _was_shared(request, participant, conversation)
    if request.method == "POST" and request.POST.get("act") == "share":
        return _share(request, participant, conversation)
    if request.method == "POST":
        return _act(request, participant, conversation)
    original = _waiting_or_404(participant, conversation)
    names = names_of(signed_in(request))
    try:
        reviewing.propose_redactions(
            conversation_id=original.pk, participant=participant, names=names
        )
    except ValidationError as error:  # shared or changed in another window meanwhile
        messages.error(request, " ".join(error.messages))
        return _on(participant)
    return _show(request, participant, original)


def _show(
    request: HttpRequest, participant: Participant, original: UnsharedConversation, fault: str = ""
) -> HttpResponse:
    asked = request.POST.get("page") or request.GET.get("page", "1")
    said = list(messages.get_messages(request))
    of_turns = {note.extra_tags: str(note) for note in said if note.extra_tags}
    shown = ReviewPage(draft_of(original), asked, of_turns)
    context = {
        "study": participant.study,
        "page": shown,
        "notes": said,
        "fault": fault,
    }
    return render(request, "review/conversation.html", context, status=422 if fault else 200)


def _act(request: HttpRequest, participant: Participant, conversation: UUID) -> HttpResponse:
    """Do it and come back to the same turn."""
    original = _waiting_or_404(participant, conversation)
    form = ActForm(request.POST)
    act = ACTS.get(request.POST.get("act", ""))
    if act is None or not form.is_valid():
        fault = _("This page was incomplete, so nothing was changed.")
        return _show(request, participant, original, fault)
    try:
        done = act(participant, Said(**form.cleaned_data))
        messages.success(request, done, extra_tags=str(form.cleaned_data["turn"]))
    except ValidationError as error:
        return _show(request, participant, original, " ".join(error.messages))
    return _back(request, participant, conversation, form.cleaned_data["turn"])


def _back(
    request: HttpRequest, participant: Participant, conversation: UUID, turn: UUID
) -> HttpResponse:
    address = reverse("review_conversation", args=[participant.study.slug, conversation])
    number = request.POST.get("page", "")
    query = f"?page={number}" if number.isdecimal() else ""
    return redirect(f"{address}{query}#turn-{turn}")


def _share(request: HttpRequest, participant: Participant, conversation: UUID) -> HttpResponse:
    try:
        share_conversation(
            conversation_id=conversation,
            participant=participant,
            seen_digest=request.POST.get("seen", ""),
        )
    except ValidationError as error:
        original = _waiting_or_404(participant, conversation)
        return _show(request, participant, original, " ".join(error.messages))
    messages.success(request, _("Shared, as you read it. The original is deleted."))
    return _on(participant)


@limited("review", "60/m")
@part_page("review")
@require_http_methods(["GET", "HEAD", "POST"])
def remove(request: HttpRequest, participant: Participant, conversation: UUID) -> HttpResponse:
    """Ask once more, then delete a conversation for good."""
    if is_shared(conversation, participant):
        return _was_shared(request, participant, conversation)
    if request.method == "POST":
        reviewing.remove_conversation(conversation_id=conversation, participant=participant)
        messages.success(request, _("The conversation is deleted. Nobody has seen it."))
        return _on(participant)
    original = _waiting_or_404(participant, conversation)
    context = {"study": participant.study, "conversation": original}
    return render(request, "review/remove.html", context)


def _on(participant: Participant) -> HttpResponse:
    """To what waits; when nothing does, to the study's door, which knows what comes next."""
    goal = "review" if waiting_of(participant).exists() else "door"
    return redirect(goal, slug=participant.study.slug)


def _was_shared(request: HttpRequest, participant: Participant, conversation: UUID) -> HttpResponse:
    """Where it is now: somebody came back to a page from before."""
    messages.success(request, _("You have shared this."))
    return redirect("my_conversation", slug=participant.study.slug, conversation=conversation)


def _waiting_or_404(participant: Participant, conversation: UUID) -> UnsharedConversation:
    return get_object_or_404(waiting_of(participant), pk=conversation)
