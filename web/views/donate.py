"""Giving past conversations: sending a file, choosing from it, opening one conversation."""

from typing import Any, BinaryIO, cast
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.csrf import csrf_exempt, csrf_protect
from django.views.decorators.http import require_http_methods
from django_htmx.http import HttpResponseClientRedirect

from collection.actions.donating import (
    give_up_donation,
    receive_donation,
    take_conversations,
    too_large,
)
from collection.donating import store
from collection.donating.document import DonateSection, terms_of
from collection.donating.listing import Listed
from collection.donating.offers import count_given, offer_of, offers_of, waiting_donation
from collection.importers import limits
from collection.unshared.models import Donation
from studies.actions.parts import begin_part
from studies.models import Participant
from web.donation_page import (
    TURNS_PER_PAGE,
    Choice,
    list_page,
    numbers_in,
    place_of,
)
from web.limits import limited
from web.part_page import part_page
from web.uploads import CountedUpload

FORM_BYTES = limits.MEGABYTE
"""What a form may add to the file it carries."""


@csrf_exempt  # checked in `_receive`: before, the whole file would be read to find the token
@limited("donation", "30/h")
@require_http_methods(["GET", "HEAD", "POST"])
@part_page("donate")
def page(request: HttpRequest, participant: Participant) -> HttpResponse:
    """How to get the file, and a field for it."""
    begin_part(participant=participant, name="donate")
    if request.method == "POST":
        return _upload(request, participant)
    if waiting := waiting_donation(participant):
        return redirect("donation", slug=participant.study.slug, donation=waiting.pk)
    return _ask(request, participant)


def _ask(
    request: HttpRequest, participant: Participant, fault: str = "", status: int = 200
) -> HttpResponse:
    terms = _terms(participant)
    context = {
        "study": participant.study,
        "terms": terms,
        "given": count_given(participant),
        "largest": limits.LARGEST_FILE,
        "largest_mb": limits.LARGEST_FILE // limits.MEGABYTE,
        "too_large": too_large(),
        "fault": fault,
    }
    is_htmx = bool(getattr(request, "htmx", False))
    name = "donate/upload.html#form" if is_htmx else "donate/upload.html"
    return render(request, name, context, status=status)


def _upload(request: HttpRequest, participant: Participant) -> HttpResponse:
    """Refuse by its declared size what is too large, before a byte of it is read."""
    declared = request.META.get("CONTENT_LENGTH") or "0"
    if not declared.isdigit() or int(declared) > limits.LARGEST_FILE + FORM_BYTES:
        return _ask(request, participant, fault=too_large(), status=413)
    handler = CountedUpload(request)
    request.upload_handlers = [handler]
    answer: HttpResponse = _receive(request, participant, handler)
    return answer


@csrf_protect
def _receive(
    request: HttpRequest, participant: Participant, handler: CountedUpload
) -> HttpResponse:
    file = request.FILES.get("file")
    if handler.is_too_large:
        return _ask(request, participant, fault=too_large(), status=413)
    if file is None or file.file is None:
        return _ask(request, participant, fault=_("Choose a file first."), status=422)
    try:
        donation = receive_donation(
            participant=participant, file=cast(BinaryIO, file.file), size=file.size or 0
        )
    except ValidationError as error:
        return _ask(request, participant, fault=" ".join(error.messages), status=422)
    address = reverse("donation", args=[participant.study.slug, donation.pk])
    if getattr(request, "htmx", False):
        return HttpResponseClientRedirect(address)
    return redirect(address)


@require_http_methods(["GET", "HEAD", "POST"])
@part_page("donate")
def choose(request: HttpRequest, participant: Participant, donation: UUID) -> HttpResponse:
    """The list of what is in the file; ticking, filtering, and giving what is ticked."""
    row = _donation(participant, donation)
    choice = Choice(request.session, row)
    if request.method != "POST":
        return _list(request, participant, row, choice)
    shown = numbers_in(request.POST.get("shown", "").split(","))
    choice.tick(shown=shown, ticked=numbers_in(request.POST.getlist("chosen")))
    act = request.POST.get("act", "")
    if act == "give_up":
        return _give_up(request, participant, row, choice)
    if act == "none":
        choice.drop_all()
    if act == "take":
        return _take(request, participant, row, choice)
    return redirect(_next_address(request, participant, row, act))


def _next_address(
    request: HttpRequest, participant: Participant, donation: Donation, act: str
) -> str:
    """Another page of the list or one conversation, once what is ticked is kept."""
    words = request.POST.get("words", "")
    is_mine = act == "mine" or (request.POST.get("mine") == "1" and act not in ("all", "none"))
    address = reverse("donation", args=[participant.study.slug, donation.pk])
    if number := numbers_in([act.removeprefix("open-")]):
        place = place_of(words, request.POST.get("page", "1"), is_mine=is_mine)
        return f"{address}{number[0]}/?{place}"
    wanted = act.removeprefix("page-") if act.startswith("page-") else "1"
    return f"{address}?{place_of('' if act == 'mine' else words, wanted, is_mine=is_mine)}"


def _list(
    request: HttpRequest,
    participant: Participant,
    donation: Donation,
    choice: Choice,
    fault: str = "",
) -> HttpResponse:
    terms = _terms(participant)
    query = request.POST if request.method == "POST" else request.GET
    context = {
        "study": participant.study,
        "list": list_page(donation, terms, offers_of(donation, terms), choice, query),
        "left": max(0, terms.most - count_given(participant)),
        "fault": fault,
    }
    return render(request, "donate/list.html", context, status=422 if fault else 200)


def _take(
    request: HttpRequest, participant: Participant, donation: Donation, choice: Choice
) -> HttpResponse:
    try:
        taken = take_conversations(
            participant=participant, donation=donation, versions=choice.versions
        )
    except ValidationError as error:
        return _list(request, participant, donation, choice, " ".join(error.messages))
    choice.forget()
    sentence = ngettext(
        "%(count)s conversation is here for you to read. The file is deleted.",
        "%(count)s conversations are here for you to read. The file is deleted.",
        len(taken),
    )
    messages.success(request, sentence % {"count": len(taken)})
    return redirect("door", slug=participant.study.slug)


def _give_up(
    request: HttpRequest, participant: Participant, donation: Donation, choice: Choice
) -> HttpResponse:
    give_up_donation(participant=participant, donation=donation)
    choice.forget()
    messages.success(request, _("The file is deleted. Nothing of it was kept."))
    return redirect("donate", slug=participant.study.slug)


@require_http_methods(["GET", "HEAD", "POST"])
@part_page("donate")
def conversation(
    request: HttpRequest, participant: Participant, donation: UUID, number: int
) -> HttpResponse:
    """One conversation with all that was said, before choosing it."""
    row = _donation(participant, donation)
    line = offer_of(row, _terms(participant), number)
    if line is None:
        raise Http404
    version = _version(request, line)
    choice = Choice(request.session, row)
    if request.method == "POST" and line.can_be_given:
        return _tick_one(request, participant, row, line, version)
    turns = store.past_of(row.pk, line).version(version) if line.versions else []
    context = {
        "study": participant.study,
        "donation": row,
        "line": line,
        "version": version,
        "versions": list(enumerate(line.turns)),
        "chosen_version": choice.versions.get(number),
        "page": Paginator(turns, TURNS_PER_PAGE).get_page(request.GET.get("part")),
        "place": _place(request),
    }
    return render(request, "donate/conversation.html", context)


def _tick_one(
    request: HttpRequest, participant: Participant, donation: Donation, line: Listed, version: int
) -> HttpResponse:
    choice = Choice(request.session, donation)
    if request.POST.get("act") == "drop":
        choice.drop(line.number)
    else:
        choice.put(line.number, version)
    return _to_list(donation, participant, _place(request))


def _to_list(donation: Donation, participant: Participant, place: str) -> HttpResponse:
    address = reverse("donation", args=[participant.study.slug, donation.pk])
    return redirect(f"{address}?{place}")


def _place(request: HttpRequest) -> str:
    """Where in the list somebody came from."""
    query = request.GET
    is_mine = query.get("mine") == "1"
    return place_of(query.get("words", ""), query.get("page", "1"), is_mine=is_mine)


def _version(request: HttpRequest, line: Listed) -> int:
    """The version asked for, from 0; the first one where there is no such version."""
    asked: list[Any] = numbers_in([request.GET.get("version", "0")])
    return int(asked[0]) if asked and asked[0] < line.versions else 0


def _donation(participant: Participant, donation: UUID) -> Donation:
    """The participant's own, while there is something to choose; anything else is nowhere."""
    waiting = waiting_donation(participant)
    if waiting is None or waiting.pk != donation:
        raise Http404
    return waiting


def _terms(participant: Participant) -> DonateSection:
    terms = terms_of(participant.study)
    if terms is None:
        raise Http404
    return terms
