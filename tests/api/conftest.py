"""A program that calls the API with a token."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from studies.actions.members import add_member
from studies.actions.tokens import create_token
from studies.models import Study, User

Caller = Callable[..., "Program"]


class Program:
    """A client that sends JSON with one token."""

    def __init__(self, token: str) -> None:
        self.token = token
        self.client = Client(headers={"Authorization": f"Bearer {token}"})

    def get(self, path: str, **query: str) -> Any:
        """GET below `/api/v1/`."""
        return self.client.get(f"/api/v1{path}", query_params=query)

    def post(self, path: str, body: Any = None, **options: Any) -> Any:
        """POST JSON below `/api/v1/`."""
        options.setdefault("content_type", "application/json")
        return self.client.post(f"/api/v1{path}", body if body is not None else {}, **options)

    def delete(self, path: str) -> Any:
        """DELETE below `/api/v1/`."""
        return self.client.delete(f"/api/v1{path}")


@pytest.fixture
def program(db: None) -> Caller:
    """`program(study, scope, role)`: a token of a member with that role."""

    def make(
        study: Study, scope: str = "manage", role: str = "manager", name: str = "ada"
    ) -> Program:
        user, _ = User.objects.get_or_create(username=name)
        add_member(study=study, user=user, role=role, by=None)
        return Program(create_token(user=user, study=study, scope=scope))

    return make
