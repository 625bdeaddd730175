"""The admin: every table opens, and what records the past cannot be changed."""

import pytest
from django.contrib import admin
from django.test import Client

from studies.models import Participant, Study, User
from tests.web.pages import text_of

OURS = {"annotation", "collection", "generation", "llm", "releases", "studies", "work"}
TABLES = sorted(
    f"{model._meta.app_label}/{model._meta.model_name}"
    for model in admin.site._registry
    if model._meta.app_label in OURS
)
CHANGEABLE = {"llm/endpoint", "studies/user", "releases/erasure"}
"""Endpoints and accounts are made here, and erasures asked for."""


@pytest.fixture
def operator(client: Client, study: Study) -> Client:
    """A superuser's browser."""
    client.force_login(User.objects.create_superuser("operator"))
    return client


@pytest.mark.parametrize("table", TABLES)
def test_table_opens(operator: Client, table: str) -> None:
    assert operator.get(f"/admin/{table}/").status_code == 200


@pytest.mark.parametrize("table", sorted(set(TABLES) - CHANGEABLE))
def test_nobody_adds_rows(operator: Client, table: str) -> None:
    assert operator.get(f"/admin/{table}/add/").status_code == 403


def test_judgments_conversations_and_consents_are_only_looked_at(operator: Client) -> None:
    person = Participant.objects.get(ref="owner")
    rows = {
        "collection/conversation": person.conversations.get().pk,
        "studies/consent": person.consents.order_by("pk")[0].pk,
    }

    for table, key in rows.items():
        page = text_of(operator.get(f"/admin/{table}/{key}/change/"))
        assert 'name="_save"' not in page
        assert operator.post(f"/admin/{table}/{key}/delete/", {"post": "yes"}).status_code == 403


def test_strangers_are_asked_to_sign_in(client: Client, db: None) -> None:
    response = client.get("/admin/")

    assert response["Location"] == "/admin/login/?next=/admin/"


def test_participants_accounts_do_not_open_it(client: Client, db: None) -> None:
    client.force_login(User.objects.create_user("somebody"))

    assert client.get("/admin/").status_code in (302, 403)
