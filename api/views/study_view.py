"""What the views of one study share: the token's reach and the look-up."""

from collections.abc import Mapping
from typing import ClassVar

from django.core.exceptions import PermissionDenied
from django.shortcuts import get_object_or_404
from rest_framework.request import Request
from rest_framework.views import APIView

from api.parsing import StrictJSONParser
from api.permissions import HasScope, managed_studies_of, studies_of
from studies.models import ApiToken, Study


class StudyView(APIView):
    """A view below `/studies/{slug}/`; a study out of the token's reach does not exist."""

    permission_classes = [HasScope]
    parser_classes = [StrictJSONParser]
    scopes: ClassVar[Mapping[str, str]] = {
        "GET": ApiToken.Scope.READ,
        "POST": ApiToken.Scope.MANAGE,
    }

    def study(self, request: Request, slug: str) -> Study:
        """The study of that name within the token's reach, or 404."""
        return get_object_or_404(studies_of(request), slug=slug)

    def managed_study(self, request: Request, slug: str) -> Study:
        """The same, for acts that only its owner and managers may do."""
        study = managed_studies_of(request).filter(slug=slug).first()
        if study is None:
            # Which of the two it is may only be told to those who may see the study.
            study = self.study(request, slug)
            raise PermissionDenied(f"Only owners and managers of {study} may do this.")
        return study
