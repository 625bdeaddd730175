"""Drafts of a task's page: a script keeps them here while the rater fills it in."""

from django.core.exceptions import ValidationError
from django.http import HttpRequest, JsonResponse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from annotation.actions.drafts import keep_draft
from annotation.errors import NewerDraft, NotYours
from web.judging import Judging
from web.task_forms import DraftForm

NOT_DRAFTED = {"csrfmiddlewaretoken", "assignment", "fence", "key", "action", "version"}


@never_cache
@require_POST
def keep(request: HttpRequest, slug: str, stage: str) -> JsonResponse:
    """Keep what stands in the fields; its version, or 409 with what another page kept since."""
    judging = Judging(request, slug, stage)
    place = DraftForm(request.POST)
    if not place.is_valid():
        return _refused(_("This page was incomplete, so nothing was stored."), 422)
    fields = {name: text for name, text in request.POST.items() if name not in NOT_DRAFTED}
    data = place.cleaned_data
    try:
        version = keep_draft(
            assignment_id=data["assignment"],
            rater=judging.rater,
            fence=data["fence"],
            fields={name: str(text) for name, text in fields.items()},
            version=data["version"],
        )
    except NewerDraft as newer:
        kept = {"version": newer.draft.version, "fields": newer.draft.fields}
        return JsonResponse(kept, status=409)
    except NotYours as refusal:
        return _refused(str(refusal), 410)
    except ValidationError as refusal:
        return _refused(refusal.messages[0], 422)
    return JsonResponse({"version": version})


def _refused(sentence: str, status: int) -> JsonResponse:
    return JsonResponse({"message": sentence}, status=status)
