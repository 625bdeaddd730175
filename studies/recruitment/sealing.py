"""Keyed digests and sealed values: how the ids of people outside stay unreadable at rest.

Every key is derived (HKDF-SHA-256) from the secrets in `SEALING_KEYS`, the newest first. The newest
seals and digests; all of them open and find again, so that a secret can be replaced.
"""

import hmac
import json
from base64 import urlsafe_b64encode
from collections.abc import Mapping
from functools import cache
from hashlib import sha256

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings

from studies.models import Study


class Unreadable(ValueError):
    """A sealed value is broken, too old, or was sealed with a key that is gone."""


def digest(study: Study, purpose: str, value: str) -> str:
    """HMAC-SHA-256 in hexadecimal under the study's newest key for the purpose."""
    return digests(study, purpose, value)[0]


def digests(study: Study, purpose: str, value: str) -> list[str]:
    """The same under every key, the newest first: for finding what an older key made."""
    info = f"digest:{study.pk}:{purpose}"
    return [
        hmac.new(_derived(secret, info), value.encode(), sha256).hexdigest()
        for secret in settings.SEALING_KEYS
    ]


def seal(values: Mapping[str, str]) -> bytes:
    """The values, readable only to who has the keys."""
    return _ring().encrypt(json.dumps(dict(values)).encode())


def unseal(sealed: bytes | memoryview | str, max_age: int | None = None) -> dict[str, str]:
    """What was sealed, at most `max_age` seconds ago; raises Unreadable."""
    try:
        opened = _ring().decrypt(sealed if isinstance(sealed, str) else bytes(sealed), max_age)
    except InvalidToken as error:
        raise Unreadable("This cannot be opened.") from error
    values: dict[str, str] = json.loads(opened)
    return values


def _ring() -> MultiFernet:
    keys = (_derived(secret, "seal") for secret in settings.SEALING_KEYS)
    return MultiFernet([Fernet(urlsafe_b64encode(key)) for key in keys])


@cache
def _derived(secret: str, info: str) -> bytes:
    return HKDF(SHA256(), length=32, salt=None, info=f"firsthand:{info}".encode()).derive(
        secret.encode()
    )
