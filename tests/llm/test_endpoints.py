"""Endpoints from settings and by hand."""

from typing import Any

import pytest
from django.core.exceptions import ValidationError

from llm.actions.endpoints import default_endpoint, ensure_endpoint
from llm.models import Endpoint

pytestmark = pytest.mark.django_db
FIELDS = {"base_url": "http://127.0.0.1:9/v1", "model": "m1"}


def test_default_endpoint_without_settings_is_the_baseline() -> None:
    endpoint = default_endpoint()

    assert (endpoint.name, endpoint.model) == ("baseline", "baseline/rules")
    assert default_endpoint().pk == endpoint.pk


def test_default_endpoint_follows_the_settings(settings: Any) -> None:
    settings.LLM_BASE_URL, settings.LLM_MODEL = "http://127.0.0.1:9/v1", "m1"

    endpoint = default_endpoint()

    assert (endpoint.name, endpoint.base_url) == ("default", "http://127.0.0.1:9/v1")
    assert (endpoint.model, endpoint.key_name) == ("m1", "LLM_API_KEY")


def test_ensure_endpoint_twice_is_one() -> None:
    first, second = (ensure_endpoint(name="e", **FIELDS) for _ in range(2))

    assert (first.pk, Endpoint.objects.count()) == (second.pk, 1)


def test_ensure_endpoint_forgets_capabilities_with_the_model() -> None:
    Endpoint.objects.create(name="e", structured="prompt", **FIELDS)

    assert ensure_endpoint(name="e", **FIELDS).structured == "prompt"
    assert ensure_endpoint(name="e", **FIELDS | {"model": "m2"}).structured == "json_schema"


@pytest.mark.parametrize(
    "fields",
    [
        {"base_url": "file:///etc/passwd"},
        {"base_url": "http://user:secret@host/v1"},
        {"base_url": ""},
        {"base_url": "http://host/v1?key=secret"},
        {"key_name": "SECRET_KEY"},
        {"structured": "magic"},
        {"price_prompt": -1},
    ],
)
def test_ensure_endpoint_refuses(fields: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        ensure_endpoint(name="e", **FIELDS | fields)

    assert Endpoint.objects.count() == 0
