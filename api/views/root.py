"""Where somebody begins who knows no more than the address of the API."""

from typing import ClassVar

from django.urls import reverse
from drf_spectacular.utils import extend_schema
from rest_framework.permissions import AllowAny, BasePermission
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from api import shapes


class Root(APIView):
    """The beginning; open to everybody, as it says nothing of what is here."""

    permission_classes: ClassVar[list[type[BasePermission]]] = [AllowAny]  # type: ignore[misc]
    authentication_classes = ()

    @extend_schema(operation_id="root_read", responses={200: shapes.RootShape})
    def get(self, request: Request) -> Response:
        """Links to the documentation and to the studies."""
        places = {
            "documentation": reverse("api-docs"),
            "schema": reverse("api-schema"),
            "studies": reverse("api-root") + "studies/",
        }
        links = {name: request.build_absolute_uri(place) for name, place in places.items()}
        return Response({"version": "v1", **links})
