"""What a site must not start with: settings that are fit for trying out only."""

from collections.abc import Iterator
from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, register

TAG = "site"

SHORTEST_KEY = 40
FEWEST_LETTERS = 10
"""Different ones in a key that was drawn, not typed."""

KNOWN_KEYS = ("django-insecure", "only-for-tests", "changeme", "change-me", "secret", "example")


@register(TAG)
def check_site(app_configs: Any = None, **_options: Any) -> list[CheckMessage]:
    """Everything that is wrong; sites of one's own machine may do what public ones may not."""
    return [*_mail_faults(), *(_public_faults() if settings.IS_HTTPS else [])]


def _mail_faults() -> Iterator[CheckMessage]:
    if settings.OPEN_SIGNUP and not settings.HAS_MAIL:
        yield _error(1, "OPEN_SIGNUP needs e-mail, to verify addresses", "Set EMAIL_URL.")


def _public_faults() -> Iterator[CheckMessage]:
    if settings.DEBUG:
        yield _error(2, "DEBUG shows settings and code to every visitor", "Set DEBUG to false.")
    if "*" in settings.ALLOWED_HOSTS:
        yield _error(3, "ALLOWED_HOSTS is *, so links can be forged", "Name the site's hosts.")
    if not _is_strong(settings.SECRET_KEY):
        yield _error(4, "SECRET_KEY is short or known", "Leave it out, or draw 50 characters.")
    if not settings.RATE_LIMITS:
        yield _error(5, "RATE_LIMITS is off: passwords can be guessed", "Set RATE_LIMITS to true.")
    if not settings.TRUSTED_PROXIES:
        yield _error(
            6,
            "SITE_URL is https, but TRUSTED_PROXIES says that no proxy stands before the site,"
            " which speaks plain HTTP itself",
            "Set TRUSTED_PROXIES to the number of your proxies.",
        )


def _is_strong(key: str) -> bool:
    is_known = key.lower().startswith(KNOWN_KEYS)
    return len(key) >= SHORTEST_KEY and len(set(key)) >= FEWEST_LETTERS and not is_known


def _error(number: int, fault: str, hint: str) -> Error:
    return Error(f"{fault}.", hint=hint, id=f"firsthand.E{number:03}")
