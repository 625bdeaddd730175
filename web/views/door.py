"""A participant's door: what a study asks, consent, then what there is to do, and how it ended."""

from uuid import uuid4

from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods
from django_htmx.http import HttpResponseClientRedirect

from annotation.actions.raters import rater_for_participant
from studies.actions.ending import finish_study
from studies.actions.entering import enter_study
from studies.actions.payments import credit_parts
from studies.actions.visits import note_visit
from studies.models import Participant, Study
from studies.parts import ENDED
from studies.recruitment.identities import participant_by_form, participant_of
from studies.recruitment.registry import admits_anyone, read_arrival
from studies.recruitment.returning import way_back
from studies.recruitment.ways import PLAIN, Way
from studies.rules import takes_part
from web.arrivals import forget_way, form_of, keep_arrival, way_of
from web.consent import ConsentPage
from web.limits import limited
from web.links import is_link_open, link_back
from web.participants import forget, participant_in, participant_or_404, remember, signed_in
from web.parts import part_lines, planned_parts


@limited("entry", "60/m", per="address")
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def page(request: HttpRequest, slug: str) -> HttpResponse:
    """Consent first; for those who gave it, their work."""
    study = get_object_or_404(Study, slug=slug)
    if request.GET and request.method != "POST":
        answer: HttpResponse | None = _arrive(request, study)
        if answer:
            return answer
    elif request.session.is_empty():
        answer = _stranger(request)
        if answer:
            return answer
    participant = participant_in(request, study)
    if participant is None and _pressed_again(request, study):
        return redirect("door", slug=slug)
    if participant and takes_part(participant):
        return _work(request, participant)
    if not study.document.get("consent"):
        raise Http404
    if participant and participant.left_at:
        return refused(request, study, _("You have left this study. Thank you for taking part."))
    try:
        way = PLAIN if participant else way_of(request, study)
    except ValidationError as refusal:
        return refused(request, study, refusal.messages[0], status=410)
    return _consent(request, study, participant, way)


def refused(request: HttpRequest, study: Study, sentence: str, status: int = 200) -> HttpResponse:
    """A page of one sentence: why nobody gets in this way."""
    context = {"study": study, "sentence": sentence}
    return render(request, "door/refused.html", context, status=status)


@limited("arrival", "120/m", per="address", reading=True)
def _stranger(_request: HttpRequest) -> HttpResponse | None:
    """Count a browser without a session, for each of which a row is written."""
    return None


@limited("arrival", "120/m", per="address", reading=True)
def _arrive(request: HttpRequest, study: Study) -> HttpResponse | None:
    """Take the ids out of a panel's link, and go on at an address without them."""
    try:
        arrival = read_arrival(study, dict(request.GET.lists()))
    except PermissionDenied as refusal:
        return refused(request, study, str(refusal), status=403)
    except ValidationError as refusal:
        return refused(request, study, refusal.messages[0], status=422)
    if arrival is None:
        return None
    user = signed_in(request)
    if user and user.participations.filter(study=study).exists():
        sentence = _("You take part with an account already. Sign out to enter by this link.")
        return refused(request, study, sentence, status=409)
    participant = participant_of(study, arrival)
    if participant:
        remember(request.session, participant)
        forget_way(request, study)
    else:
        forget(request.session, study)
        keep_arrival(request, study, arrival)
    return redirect("door", slug=study.slug)


def _pressed_again(request: HttpRequest, study: Study) -> bool:
    """Did this very form make a participant already? Then the browser is let in as them."""
    found = participant_by_form(study, form_of(request))
    if found:
        remember(request.session, found)
        forget_way(request, study)
    return found is not None


def _consent(
    request: HttpRequest, study: Study, participant: Participant | None, way: Way
) -> HttpResponse:
    if not study.is_open:
        status = 422 if request.method == "POST" else 200
        sentence = _("This study is closed. Thank you for your interest.")
        return refused(request, study, sentence, status)
    if not (participant or way.arrival or way.invitation or admits_anyone(study)):
        sentence = _("This study can only be entered with an invitation.")
        return refused(request, study, sentence, status=403)
    if request.method == "POST":
        return _enter(request, study, participant, way)
    if request.method == "GET" and participant is None:
        note_visit(study=study, visitor=way.visitor)
    return _ask(request, study, participant)


def _ask(
    request: HttpRequest,
    study: Study,
    participant: Participant | None,
    fault: str = "",
    given: tuple[str, ...] = (),
) -> HttpResponse:
    context = {
        "study": study,
        "description": study.text("description", get_language() or ""),
        "consent": ConsentPage(study, get_language() or "", given, participant),
        "parts": planned_parts(study),
        "is_asked_again": participant is not None,
        "fault": fault,
        "key": uuid4(),
    }
    return render(request, "door/consent.html", context, status=422 if fault else 200)


def _enter(
    request: HttpRequest, study: Study, participant: Participant | None, way: Way
) -> HttpResponse:
    scopes = request.POST.getlist("scopes")
    version = request.POST.get("version", "")
    try:
        entered = enter_study(
            study=study,
            scopes=scopes,
            language=_study_language(study),
            user=signed_in(request),
            version=version,
            way=way,
            participant=participant,
        )
    except ValidationError as error:
        fault = " ".join(error.messages)
        return _ask(request, study, participant, fault=fault, given=tuple(scopes))
    rater_for_participant(entered)
    remember(request.session, entered)
    forget_way(request, study)
    return redirect("door", slug=study.slug)


def _study_language(study: Study) -> str:
    """The language of the site's pages, if the study speaks it."""
    language = (get_language() or "").split("-")[0]
    return language if language in study.languages else ""


def _work(request: HttpRequest, participant: Participant) -> HttpResponse:
    credit_parts(participant=participant)
    if participant.outcome in ENDED:
        return redirect("done", slug=participant.study.slug)
    lines = part_lines(participant)
    upcoming = next((line for line in lines if line.is_next), None)
    is_finished = bool(lines) and upcoming is None
    if is_finished and participant.outcome == Participant.Outcome.UNDER_WAY:
        return _to_the_end(request, participant)
    context = {
        "study": participant.study,
        "lines": lines,
        "next": upcoming,
        "has_begun": any(line.progress.done for line in lines),
        "participant": participant,
        "link_back": link_back(request, participant),
        "is_link_open": is_link_open(request, participant),
    }
    name = "door/work.html#next" if getattr(request, "htmx", False) else "door/work.html"
    return render(request, name, context)


def _to_the_end(request: HttpRequest, participant: Participant) -> HttpResponse:
    answer = redirect("done", slug=participant.study.slug)
    if getattr(request, "htmx", False):
        return HttpResponseClientRedirect(answer.url)
    return answer


@never_cache
@require_http_methods(["GET", "HEAD"])
def done(request: HttpRequest, slug: str) -> HttpResponse:
    """Thanks, and the way back to whoever sent them; what it says is stored before it is shown."""
    participant = participant_or_404(request, slug)
    try:
        finish_study(participant=participant)
    except ValidationError:
        return redirect("door", slug=slug)
    credit_parts(participant=participant)
    context = {
        "study": participant.study,
        "participant": participant,
        "back": way_back(participant),
        "link_back": link_back(request, participant),
        "is_link_open": is_link_open(request, participant),
    }
    return render(request, "door/done.html", context)
