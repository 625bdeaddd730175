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
        {"model": "m\x00"},
        {"model": "m\nlevel=ERROR"},
    ],
)
def test_ensure_endpoint_refuses(fields: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        ensure_endpoint(name="e", **FIELDS | fields)

    assert Endpoint.objects.count() == 0


@pytest.mark.parametrize(
    "name",
    ["", " ", "two words", "a\nb", "a\x00b", "a\x1b[31mb", "x" * 500, "Main", "ü", "-x", "a/b"],
)
def test_name_that_no_document_could_say_is_refused(name: str) -> None:
    with pytest.raises(ValidationError, match="An endpoint's name has"):
        ensure_endpoint(name=name, **FIELDS)

    assert Endpoint.objects.count() == 0


@pytest.mark.parametrize("name", ["max_tokens", "max_completion_tokens", "max_output_tokens"])
@pytest.mark.parametrize("value", [None, 0, -1, 1.5, "100", True])
def test_limit_that_limits_nothing_is_refused(name: str, value: object) -> None:
    with pytest.raises(ValidationError, match=f"{name} is a whole number above zero"):
        ensure_endpoint(name="e", **FIELDS, extra_params={name: value})

    assert ensure_endpoint(name="e", **FIELDS, extra_params={name: 100}).extra_params[name] == 100


def test_name_that_is_in_use_stays_as_it_is() -> None:
    Endpoint.objects.create(name="Our Model", **FIELDS)

    assert ensure_endpoint(name="Our Model", **FIELDS | {"model": "m2"}).model == "m2"
