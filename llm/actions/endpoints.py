"""Endpoints: made, kept in step with the settings, and forgotten about."""

import re
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import transaction

from llm import addresses, baselines
from llm.actions.budgets import let_held_go
from llm.actions.health import keep_lane
from llm.addresses import AddressRefused
from llm.models import Endpoint

NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,59}")
"""As a study's document names its endpoints."""


def ensure_endpoint(*, name: str, **fields: Any) -> Endpoint:
    """The endpoint of this name with these fields, made or changed as needed.

    Raises `ValidationError` for a name that documents could not say, an address that may not be
    asked, an unknown capability or key name. A remembered `structured` capability stays unless the
    address or the model changed.
    """
    if not name.isprintable():
        raise _no_name()  # No database is asked for NUL.
    url = fields.get("base_url")
    if url and not Endpoint.objects.filter(name=name, base_url=url).exists():
        check_url(url)
    with transaction.atomic():
        endpoint = Endpoint.objects.filter(name=name).first() or Endpoint(name=name)
        if not endpoint._state.adding and _has(endpoint, fields):
            return endpoint
        before = (endpoint.base_url, endpoint.model)
        for field, value in fields.items():
            setattr(endpoint, field, value)
        if (endpoint.base_url, endpoint.model) != before and "structured" not in fields:
            endpoint.structured = Endpoint.Structured.JSON_SCHEMA
        check_fields(endpoint)
        endpoint.save()
        let_held_go(endpoint)
        keep_lane(endpoint)
    return endpoint


def _has(endpoint: Endpoint, fields: dict[str, Any]) -> bool:
    return all(getattr(endpoint, field) == value for field, value in fields.items())


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


def check_url(url: str) -> None:
    """Refuse with `ValidationError` an address that may not be asked; looks its name up."""
    try:
        addresses.check_url(url)
    except AddressRefused as refusal:
        raise ValidationError({"base_url": str(refusal)}) from None


def check_fields(endpoint: Endpoint) -> None:
    """Refuse with `ValidationError` what an endpoint cannot be like; looks nothing up."""
    check_name(endpoint)
    endpoint.full_clean(validate_unique=False, validate_constraints=False)
    if not endpoint.model.isprintable():
        raise ValidationError({"model": "The name of a model is one line of plain characters."})
    if endpoint.is_baseline:
        return
    if not endpoint.base_url:
        raise ValidationError({"base_url": "An endpoint needs an address."})
    if not _holds_texts(endpoint.extra_query):
        raise ValidationError({"extra_query": "A query names texts, such as an api-version."})
    if not isinstance(endpoint.extra_params, dict):
        raise ValidationError({"extra_params": "Parameters are a mapping of names to values."})
    if endpoint.key_name and endpoint.key_name not in settings.LLM_KEYS:
        message = f"{endpoint.key_name!r} is not among LLM_API_KEY and LLM_KEY_NAMES."
        raise ValidationError({"key_name": message})


def check_name(endpoint: Endpoint) -> None:
    """Refuse a name that no document could say; one that is in use stays."""
    if NAME.fullmatch(endpoint.name):
        return
    in_use = Endpoint.objects.filter(pk=endpoint.pk).values_list("name", flat=True).first()
    if endpoint.name != in_use:
        raise _no_name()


def _no_name() -> ValidationError:
    message = (
        "An endpoint's name has up to 60 small letters (a to z), digits, hyphens and underscores, "
        "and begins with a letter or a digit."
    )
    return ValidationError({"name": message})


def _holds_texts(query: Any) -> bool:
    return isinstance(query, dict) and all(isinstance(value, str) for value in query.values())
