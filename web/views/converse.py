"""Talking to a model: choosing a topic, the conversation's page, and what is done on it."""

from collections.abc import Callable
from typing import Any
from uuid import UUID, uuid4

from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from collection.actions.conversing import (
    begin_conversation,
    choose_reply,
    end_without_reply,
    finish_conversation,
    rate_reply,
    send_turn,
    stop_replies,
    take_back,
    try_again,
)
from collection.converse.document import section_of
from collection.converse.hub import look_soon, start_soon
from collection.converse.progress import PART, count_finished, measure
from collection.converse.rules import AWAITS, OVER
from collection.converse.talk import replies_to_start, talk_of
from collection.unshared.models import UnsharedConversation
from studies.models import Participant
from web.converse_page import TalkPage, topics_of
from web.limits import limited
from web.part_page import part_page
from web.sse import place_in

CONFLICTS = {AWAITS, OVER}
SENDS = "20/m"
Change = Callable[[UnsharedConversation], Any]


@require_http_methods(["GET", "HEAD", "POST"])
@part_page(PART)
def page(request: HttpRequest, participant: Participant) -> HttpResponse:
    """What to talk about; whoever is in a conversation is led back to it."""
    slug = participant.study.slug
    if request.method == "POST":
        return _begin(request, participant)
    mine = conversations_of(participant).filter(state=UnsharedConversation.State.OPEN)
    if under_way := mine.first():
        return redirect("conversation", slug=slug, conversation=under_way.pk)
    progress = measure(participant)
    if progress is None or progress.is_done:
        return redirect("door", slug=slug)
    return _ask_topic(request, participant)


def _begin(request: HttpRequest, participant: Participant) -> HttpResponse:
    try:
        begun = begin_conversation(participant=participant, topic=request.POST.get("topic", ""))
    except ValidationError as refusal:
        return _ask_topic(request, participant, " ".join(refusal.messages), status=422)
    return redirect("conversation", slug=participant.study.slug, conversation=begun.pk)


def _ask_topic(
    request: HttpRequest, participant: Participant, fault: str = "", status: int = 200
) -> HttpResponse:
    section = section_of(participant.study)
    assert section is not None
    context = {
        "study": participant.study,
        "section": section,
        "topics": topics_of(section, participant),
        "number": count_finished(participant) + 1,
        "fault": fault,
    }
    return render(request, "converse/begin.html", context, status=status)


@require_safe
@part_page(PART)
def conversation(
    request: HttpRequest, participant: Participant, conversation: UUID
) -> HttpResponse:
    """The conversation as it stands; replies that nobody reads yet are begun."""
    found = own_or_404(participant, conversation)
    if found.state == UnsharedConversation.State.FINISHED:
        return redirect("door", slug=participant.study.slug)
    start_soon(replies_to_start(found))
    return _shown(request, found)


@limited("converse", SENDS)
@require_POST
@part_page(PART)
def turns(request: HttpRequest, participant: Participant, conversation: UUID) -> HttpResponse:
    """Say something."""
    text = request.POST.get("text", "")
    key = request.POST.get("key", "")
    return _done(
        request,
        own_or_404(participant, conversation),
        lambda found: send_turn(conversation=found, text=text, send_key=key),
        text=text,
    )


@limited("converse", SENDS)
@require_POST
@part_page(PART)
def again(request: HttpRequest, participant: Participant, conversation: UUID) -> HttpResponse:
    """Ask once more for replies that broke off."""
    found = own_or_404(participant, conversation)
    return _done(request, found, lambda row: try_again(conversation=row))


@require_POST
@part_page(PART)
def stop(request: HttpRequest, participant: Participant, conversation: UUID) -> HttpResponse:
    """Stop what is coming in, at what is seen of it."""
    found = own_or_404(participant, conversation)
    place = place_in(request.POST.get("seen", ""))
    stop_replies(conversation=found, seen=place.offsets if place else ())
    look_soon()
    if request.headers.get("HX-Request"):
        return _shown(request, found)
    return redirect("conversation", slug=participant.study.slug, conversation=found.pk)


@require_POST
@part_page(PART)
def choose(
    request: HttpRequest, participant: Participant, conversation: UUID, reply: UUID
) -> HttpResponse:
    """Go on from one of the replies side by side, or from one that broke off."""
    found = own_or_404(participant, conversation)
    return _done(request, found, lambda row: choose_reply(conversation=row, reply=reply))


@require_POST
@part_page(PART)
def rate(
    request: HttpRequest, participant: Participant, conversation: UUID, reply: UUID
) -> HttpResponse:
    """Say how good a reply is."""
    found = own_or_404(participant, conversation)
    given = request.POST.get("rating", "")
    rating = int(given) if given.isascii() and given.isdigit() and len(given) == 1 else 0
    if not request.headers.get("HX-Request"):
        return _done(
            request, found, lambda row: rate_reply(conversation=row, reply=reply, rating=rating)
        )
    fault = ""
    try:
        rate_reply(conversation=found, reply=reply, rating=rating)
    except ValidationError as refusal:
        fault = " ".join(refusal.messages)
    return render(request, "converse/rated.html", {"fault": fault}, status=422 if fault else 200)


@require_POST
@part_page(PART)
def finish(request: HttpRequest, participant: Participant, conversation: UUID) -> HttpResponse:
    """End the conversation; the door knows what comes next."""
    found = own_or_404(participant, conversation)
    try:
        finish_conversation(conversation=found)
    except ValidationError as refusal:
        return _shown(request, found, refusal)
    return redirect("door", slug=participant.study.slug)


@require_POST
@part_page(PART)
def back(request: HttpRequest, participant: Participant, conversation: UUID) -> HttpResponse:
    """Take back what got no reply; its text is in the field again."""
    found = own_or_404(participant, conversation)
    try:
        text = take_back(conversation=found)
    except ValidationError as refusal:
        return _shown(request, found, refusal)
    return _shown(request, own_or_404(participant, conversation), text=text)


@require_POST
@part_page(PART)
def end(request: HttpRequest, participant: Participant, conversation: UUID) -> HttpResponse:
    """End a conversation whose model does not answer; the door knows what comes next."""
    found = own_or_404(participant, conversation)
    try:
        end_without_reply(conversation=found)
    except ValidationError as refusal:
        return _shown(request, found, refusal)
    return redirect("door", slug=participant.study.slug)


def conversations_of(participant: Participant) -> Any:
    """Those that take place here and are not shared."""
    live = participant.unshared_conversations.filter(source=UnsharedConversation.Source.LIVE)
    return live.select_related("study", "participant")


def own_or_404(participant: Participant, conversation: UUID) -> UnsharedConversation:
    """One of these; of others there is nothing to be known."""
    found: UnsharedConversation = get_object_or_404(conversations_of(participant), pk=conversation)
    return found


def _done(
    request: HttpRequest, found: UnsharedConversation, change: Change, text: str = ""
) -> HttpResponse:
    """Do it, have replies begun, and show what became of it."""
    try:
        change(found)
    except ValidationError as refusal:
        return _shown(request, found, refusal, text)
    start_soon(replies_to_start(found))
    if request.headers.get("HX-Request"):
        return _shown(request, found)
    return redirect("conversation", slug=found.study.slug, conversation=found.pk)


def _shown(
    request: HttpRequest,
    found: UnsharedConversation,
    refusal: ValidationError | None = None,
    text: str = "",
) -> HttpResponse:
    """The page, or the part of it that changes; after a refusal with what was written kept."""
    status = 200
    if refusal is not None:
        status = 409 if getattr(refusal, "code", "") in CONFLICTS else 422
    context = {
        "study": found.study,
        "talk": TalkPage(talk_of(found), found.participant),
        "fault": " ".join(refusal.messages) if refusal else "",
        "text": text,
        "key": uuid4().hex,
    }
    part = "#talk" if request.headers.get("HX-Request") else ""
    return render(request, f"converse/page.html{part}", context, status=status)
