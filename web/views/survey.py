"""The survey: optional questions, sent once."""

from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import get_language
from django.views.decorators.http import require_http_methods

from studies.actions.parts import begin_part
from studies.actions.surveys import send_survey
from studies.models import Participant
from studies.survey import NAME, survey_of
from web.limits import limited
from web.part_page import part_page
from web.participants import language_for
from web.survey_form import SurveyForm


@limited("survey", "60/m")
@require_http_methods(["GET", "HEAD", "POST"])
@part_page(NAME)
def page(request: HttpRequest, participant: Participant) -> HttpResponse:
    """The questions, or the answers to them."""
    part = begin_part(participant=participant, name=NAME)
    if part.finished_at:
        return redirect("door", slug=participant.study.slug)
    form = SurveyForm(
        survey_of(participant.study),
        language=language_for(participant, get_language() or ""),
        languages=participant.study.languages,
        data=request.POST if request.method == "POST" else None,
    )
    if form.is_bound and form.is_valid() and _is_sent(participant, form):
        return redirect("door", slug=participant.study.slug)
    context = {"study": participant.study, "form": form}
    return render(request, "survey/page.html", context, status=422 if form.is_bound else 200)


def _is_sent(participant: Participant, form: SurveyForm) -> bool:
    try:
        send_survey(participant=participant, answers=form.answers())
    except ValidationError as refusal:
        form.refuse(getattr(refusal, "message_dict", {"": refusal.messages}))
        return False
    return True
