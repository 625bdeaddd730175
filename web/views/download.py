"""Everything held about a person, for that person."""

from django.http import HttpRequest, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.utils.cache import patch_cache_control
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_safe

from releases.personal.archive import archive_of
from web.limits import limited
from web.participants import participant_or_404


@limited("download", "20/h", reading=True)
@require_safe
def everything(request: HttpRequest, slug: str) -> HttpResponseBase:
    """A zip that is written as it is sent."""
    participant = participant_or_404(request, slug)
    saved_as = content_disposition_header(True, f"{slug}-my-data.zip") or "attachment"
    response = StreamingHttpResponse(
        archive_of(participant),
        content_type="application/zip",
        headers={"Content-Disposition": saved_as},
    )
    patch_cache_control(response, private=True, no_store=True)
    return response
