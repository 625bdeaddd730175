"""Sealing endpoints' keys: setting one, and giving all of them the newest secret."""

import logging

from django.core.exceptions import ValidationError
from django.db import transaction

from llm.keys import sealed, unsealed
from llm.models import Endpoint

logger = logging.getLogger(__name__)

LONGEST = 500


@transaction.atomic
def set_key(*, endpoint: Endpoint, key: str, by: str) -> None:
    """Seal the key for this endpoint in place of the one it had; an empty one takes it away.

    Raises ValidationError for what no header can carry.
    """
    key = key.strip()
    check_key(key)
    endpoint.sealed_key = sealed(endpoint.pk, key) if key else ""
    Endpoint.objects.filter(pk=endpoint.pk).update(sealed_key=endpoint.sealed_key)
    logger.info("The key of the endpoint %s was %s.", endpoint.pk, "set" if key else "taken away")


def check_key(key: str) -> None:
    """Refuse with `ValidationError` what no header can carry."""
    if len(key) > LONGEST or not key.isascii() or not key.isprintable() or " " in key:
        raise ValidationError("A key is one line of at most 500 plain letters, digits and signs.")


@transaction.atomic
def reseal_keys() -> int:
    """Seal every key anew with the newest secret; how many.

    Raises `EndpointBroken`, and changes nothing, where a secret is missing.
    """
    rows = list(Endpoint.objects.select_for_update().exclude(sealed_key="").order_by("pk"))
    for endpoint in rows:
        endpoint.sealed_key = sealed(endpoint.pk, unsealed(endpoint.pk, endpoint.sealed_key))
    Endpoint.objects.bulk_update(rows, ["sealed_key"])
    return len(rows)
