"""The secret of an invitation: drawn here, shown once, kept as a digest."""

from hashlib import sha256
from secrets import token_urlsafe

BYTES = 24
"""192 random bits."""


def new_secret() -> str:
    """The last part of an invitation's link: 32 characters."""
    return token_urlsafe(BYTES)


def digest_of(secret: str) -> str:
    """What is kept of it. Looking up a digest takes no time that tells about a secret."""
    return sha256(secret.encode()).hexdigest()
