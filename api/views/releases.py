"""Releases: build, read, download."""

from collections.abc import Mapping
from typing import Any, ClassVar
from uuid import UUID

from django.http import Http404
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404
from django.urls import reverse
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from api import shapes
from api.errors import document
from api.pagination import Pages
from api.permissions import HasScope, acting_user, studies_of
from api.views.ranges import ranged_file
from api.views.study_view import StudyView
from releases.actions.releasing import plan_release
from releases.models import Release
from releases.queries import is_withdrawn, released_file
from studies.models import ApiToken


class Releases(StudyView):
    """A study's releases."""

    @extend_schema(operation_id="releases_list", responses={200: shapes.ReleaseShape(many=True)})
    def get(self, request: Request, slug: str) -> Response:
        """List them, the newest first."""
        rows = Release.objects.filter(study=self.study(request, slug)).select_related("study")
        pages = Pages()
        found = pages.paginate_queryset(rows.order_by("-version"), request, view=self) or []
        return pages.get_paginated_response([release_json(row) for row in found])

    @extend_schema(request=None, responses={202: shapes.ReleaseShape})
    def post(self, request: Request, slug: str) -> Response:
        """Build the next release; ask for it again to see when it is published."""
        study = self.managed_study(request, slug)
        release = plan_release(study=study, by=acting_user(request))
        return Response(release_json(release), status=202)


class ReleaseView(APIView):
    """What the views of one release share."""

    permission_classes = [HasScope]
    scopes: ClassVar[Mapping[str, str]] = {"GET": ApiToken.Scope.READ}

    def release(self, request: Request, release_id: UUID) -> Release:
        """The release within the token's reach, or 404."""
        rows = Release.objects.filter(study__in=studies_of(request)).select_related("study")
        return get_object_or_404(rows, pk=release_id)


class ReleaseDetail(ReleaseView):
    """One release."""

    @extend_schema(operation_id="releases_read", responses={200: shapes.ReleaseShape})
    def get(self, request: Request, release_id: UUID) -> Response:
        """Its state and manifest."""
        return Response(release_json(self.release(request, release_id)))


class ReleaseFile(ReleaseView):
    """One file of a release."""

    @extend_schema(responses={(200, "application/octet-stream"): bytes})
    def get(self, request: Request, release_id: UUID, name: str) -> HttpResponseBase:
        """Download it; ranges are understood, and the ETag is the file's SHA-256."""
        release = self.release(request, release_id)
        if is_withdrawn(release):
            return withdrawn(request, release)
        found = released_file(release, name)
        if found is None:
            raise Http404
        return ranged_file(request, found.path, sha256=found.sha256)


class Tombstones(ReleaseView):
    """What was taken back from one release."""

    @extend_schema(responses={200: shapes.StoneShape(many=True)})
    def get(self, request: Request, release_id: UUID) -> Response:
        """The rows that copies of it must delete; none while nobody in it was erased."""
        release = self.release(request, release_id)
        pages = Pages()
        found = pages.paginate_queryset(release.tombstones.all(), request, view=self) or []
        return pages.get_paginated_response(
            [{"table": row.kind, "id": row.ref, "removed": row.removed} for row in found]
        )


def withdrawn(request: Request, release: Release) -> Response:
    """410: somebody in it was erased; where to read which rows a copy has to delete."""
    address = request.build_absolute_uri(reverse("api-tombstones", args=[release.pk]))
    sentence = "This release was withdrawn, as somebody in it was erased. Delete these rows."
    refusal = document("withdrawn", sentence, {"tombstones": address})
    return Response(refusal, status=410, headers={"Link": f'<{address}>; rel="describedby"'})


def release_json(release: Release) -> dict[str, Any]:
    """A release for programs."""
    return {
        "id": str(release.id),
        "study": release.study.slug,
        "version": release.version,
        "state": release.state,
        "failure": release.failure,
        "published_at": release.published_at,
        "manifest": release.manifest,
    }
