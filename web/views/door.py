"""A participant's door: what a study asks, consent, then what there is to do."""

from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import get_language
from django.views.decorators.cache import never_cache

from annotation.actions.raters import rater_for_participant
from annotation.duties import duties_in
from studies.actions.consents import give_consent
from studies.actions.entering import enter_study
from studies.models import ConsentScope, Participant, Study
from web.consent import ConsentPage
from web.participants import participant_in, remember, signed_in


@never_cache
def page(request: HttpRequest, slug: str) -> HttpResponse:
    """Consent first; for those who gave it, their work."""
    study = get_object_or_404(Study, slug=slug)
    participant = participant_in(request, study)
    if participant and _takes_part(participant):
        return _work(request, participant)
    if not study.document.get("consent"):
        raise Http404
    if request.method == "POST":
        return _enter(request, study, participant)
    return _ask(request, study)


def _takes_part(participant: Participant) -> bool:
    return participant.consents.in_force(ConsentScope.TAKE_PART).exists()


def _work(request: HttpRequest, participant: Participant) -> HttpResponse:
    rater = rater_for_participant(participant)
    duties = duties_in(participant=participant, rater=rater)
    context = {
        "study": participant.study,
        "duties": duties,
        "next": next((duty for duty in duties if duty.waiting), None),
        "done": sum(duty.done for duty in duties),
    }
    return render(request, "door/work.html", context)


def _ask(
    request: HttpRequest, study: Study, fault: str = "", given: tuple[str, ...] = ()
) -> HttpResponse:
    consent = ConsentPage(study, get_language() or "", given=given)
    context = {
        "study": study,
        "description": study.text("description", get_language() or ""),
        "consent": consent,
        "fault": fault,
    }
    return render(request, "door/consent.html", context, status=422 if fault else 200)


def _enter(request: HttpRequest, study: Study, participant: Participant | None) -> HttpResponse:
    scopes = request.POST.getlist("scopes")
    try:
        if participant:
            give_consent(participant=participant, scopes=scopes)
        else:
            participant = enter_study(
                study=study,
                scopes=scopes,
                language=_study_language(study),
                user=signed_in(request),
            )
    except ValidationError as error:
        return _ask(request, study, fault=" ".join(error.messages), given=tuple(scopes))
    rater_for_participant(participant)
    remember(request.session, participant)
    return redirect("door", slug=study.slug)


def _study_language(study: Study) -> str:
    """The language of the site's pages, if the study speaks it."""
    language = (get_language() or "").split("-")[0]
    return language if language in study.languages else ""
