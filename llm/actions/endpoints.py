"""Endpoints: made, kept in step with the settings, and forgotten about."""

from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import transaction

from llm import baselines
from llm.models import Endpoint


def ensure_endpoint(*, name: str, **fields: Any) -> Endpoint:
    """The endpoint of this name with these fields, made or changed as needed.

    Raises `ValidationError` for an address that is not HTTP, an unknown capability or key name.
    A remembered `structured` capability stays unless the address or the model changed.
    """
    with transaction.atomic():
        endpoint = Endpoint.objects.filter(name=name).first() or Endpoint(name=name)
        before = (endpoint.base_url, endpoint.model)
        for field, value in fields.items():
            setattr(endpoint, field, value)
        if (endpoint.base_url, endpoint.model) != before and "structured" not in fields:
            endpoint.structured = Endpoint.Structured.JSON_SCHEMA
        _check(endpoint)
        endpoint.save()
    return endpoint


def default_endpoint() -> Endpoint:
    """The model named in the settings, or, with none, the offline baseline."""
    if not settings.LLM_BASE_URL:
        return baseline_endpoint()
    return ensure_endpoint(
        name="default",
        base_url=settings.LLM_BASE_URL,
        model=settings.LLM_MODEL,
        key_name="LLM_API_KEY",
    )


def baseline_endpoint() -> Endpoint:
    """Rules in place of a model; needs no network."""
    return ensure_endpoint(
        name="baseline",
        base_url="",
        model=baselines.MODEL,
        protocol=Endpoint.Protocol.BASELINE,
    )


def remember_structured(endpoint: Endpoint, rung: Endpoint.Structured) -> None:
    """Keep the strictest way of asking for typed answers that the server was seen to take."""
    Endpoint.objects.filter(pk=endpoint.pk).update(structured=rung)
    endpoint.structured = rung


def _check(endpoint: Endpoint) -> None:
    endpoint.full_clean(validate_unique=False, validate_constraints=False)
    if endpoint.is_baseline:
        return
    address = urlsplit(endpoint.base_url)
    if address.scheme not in ("http", "https") or not address.hostname:
        raise ValidationError({"base_url": f"{endpoint.base_url!r} is not an HTTP address."})
    if address.username or address.password or address.query:
        raise ValidationError({"base_url": "An address holds no password and no query."})
    if endpoint.key_name and endpoint.key_name not in settings.LLM_KEYS:
        message = f"{endpoint.key_name!r} is not among LLM_API_KEY and LLM_KEY_NAMES."
        raise ValidationError({"key_name": message})
