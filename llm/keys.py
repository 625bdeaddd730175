"""Keys of endpoints: by the name of a variable of the environment, or sealed in the database.

A sealed key is encrypted (AES-256-GCM) under a key derived (HKDF-SHA-256) from the newest secret
in `SEALING_KEYS`, with the endpoint's id beside it: in another endpoint's row it does not open. All
secrets open, so that one can be replaced.
"""

import os
from base64 import b64decode, b64encode
from binascii import Error as NotBase64
from functools import cache
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings

from llm.errors import EndpointBroken
from llm.models import Endpoint

NONCE = 12
"""Bytes."""


def key_of(endpoint: Endpoint) -> str:
    """An endpoint's key, or nothing if it has none.

    Raises `EndpointBroken` (auth) where a sealed key cannot be opened.
    """
    if endpoint.sealed_key:
        return unsealed(endpoint.pk, endpoint.sealed_key)
    return settings.LLM_KEYS.get(endpoint.key_name, "")


def sealed(endpoint_id: UUID, key: str) -> str:
    """The key, readable only to who has a secret, and only in this endpoint's row."""
    nonce = os.urandom(NONCE)
    text = AESGCM(_derived(settings.SEALING_KEYS[0])).encrypt(
        nonce, key.encode(), endpoint_id.bytes
    )
    return b64encode(nonce + text).decode()


def unsealed(endpoint_id: UUID, sealed_key: str) -> str:
    """What was sealed for this endpoint; raises `EndpointBroken` (auth)."""
    try:
        data = b64decode(sealed_key, validate=True)
    except (NotBase64, ValueError):
        data = b""
    for secret in settings.SEALING_KEYS:
        try:
            return (
                AESGCM(_derived(secret))
                .decrypt(data[:NONCE], data[NONCE:], endpoint_id.bytes)
                .decode()
            )
        except (InvalidTag, ValueError):
            continue
    detail = "its key cannot be opened with SEALING_KEYS; set the key again"
    raise EndpointBroken("auth", detail)


def shown(endpoint: Endpoint) -> str:
    """What a page may say of an endpoint's key: no part of it."""
    if endpoint.sealed_key:
        return _state(endpoint)
    if endpoint.key_name:
        state = "set" if settings.LLM_KEYS.get(endpoint.key_name) else "empty"
        return f"the variable {endpoint.key_name} ({state})"
    return "none"


def _state(endpoint: Endpoint) -> str:
    try:
        unsealed(endpoint.pk, endpoint.sealed_key)
    except EndpointBroken:
        return "set, but it cannot be opened with SEALING_KEYS"
    return "set"


@cache
def _derived(secret: str) -> bytes:
    info = b"firsthand:endpoint-key"
    return HKDF(SHA256(), length=32, salt=None, info=info).derive(secret.encode())
