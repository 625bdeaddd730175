"""What the variables of the environment may hold, and a sentence for whoever wrote another."""

import re
from ipaddress import ip_address
from urllib.parse import urlsplit

from django.core.exceptions import ImproperlyConfigured
from environs import EnvValidationError, ValidationError, validate

is_port = validate.Range(1, 65535, error="Must be a whole number from 1 to 65535.")
is_count = validate.Range(1, error="Must be a whole number from 1 on.")
is_number = validate.Range(0, error="Must be a whole number from 0 on.")
is_duration = validate.Range(0, min_inclusive=False, error="Must be more than 0 seconds.")
# The names that both Python's logging and the worker's --loglevel know.
is_log_level = validate.OneOf(
    ["DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL"], error="Must be one of {choices}."
)
is_log_format = validate.OneOf(["json", "text", ""], error="Must be json or text.")

SHORTEST_SECRET = 32

HOST_PATTERN = re.compile(r"(\*\.)?[A-Za-z0-9.-]+|\[?[0-9A-Fa-f:.]+\]?")
OWN_NAMES = ["localhost", "127.0.0.1", "::1"]

# Celery and redis-py call a Unix socket by different schemes.
CELERY_SOCKET, REDIS_SOCKET = "redis+socket://", "unix://"


def is_database(url: str) -> None:
    """Refuse databases that the site is not made for; an empty address stands for the default."""
    if url and _scheme(url) not in {"sqlite", "postgres", "postgresql"}:
        raise ValidationError("Must begin with postgresql:// or sqlite://.")


def is_redis(url: str) -> None:
    """Refuse what is no address of a Redis or Valkey; an empty one stands for our own."""
    if url and not url.startswith(("redis://", "rediss://", REDIS_SOCKET, CELERY_SOCKET)):
        raise ValidationError("Must begin with redis://, rediss://, unix:// or redis+socket://.")
    _refuse_bad_port(url)


def is_web_address(url: str) -> None:
    """Refuse what is no http(s):// address with a host; an empty one stands for none."""
    _refuse_bad_port(url)
    if url and not (_scheme(url) in {"http", "https"} and urlsplit(url).hostname):
        raise ValidationError("Must be an address such as https://host/v1.")


def is_mail_address(url: str) -> None:
    """Refuse ways to send e-mail that the site does not know; an empty one stands for none."""
    if url and url.partition(":")[0] not in {"smtp", "submission", "console", "file", "memory"}:
        raise ValidationError("Must begin with smtp://, submission://, file:/// or console://.")
    _refuse_bad_port(url)


def is_own(address: str) -> bool:
    """Does only this machine reach the address, a host's name or a whole address?"""
    # HOST may be an IPv6 address without brackets.
    host = urlsplit(address).hostname or "" if "://" in address else address
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def hosts_to_ask(listed: list[str], base_url: str, *own: str) -> list[str]:
    """Names of hosts that questions may go to: those listed, and that of the model in the settings.

    With none listed, this machine's own as well if nothing else reaches the site.
    """
    bad = [name for name in listed if not HOST_PATTERN.fullmatch(name)]
    if bad:
        raise ImproperlyConfigured(f"LLM_HOSTS holds {bad[0]!r}: name a host, or *.host.")
    named = urlsplit(base_url).hostname
    known = [*listed, *([named] if named else [])]
    return known if listed or not all(map(is_own, own)) else [*known, *OWN_NAMES]


def are_secrets(keys: list[str]) -> None:
    """Refuse secrets that somebody could guess."""
    if any(len(key) < SHORTEST_SECRET for key in keys):
        raise ValidationError(f"Each needs at least {SHORTEST_SECRET} characters.")


def is_secret(key: str) -> None:
    """Refuse a secret that somebody could guess; an empty one stands for none."""
    are_secrets([key] if key else [])


def check_model(base_url: str, model: str) -> None:
    """An endpoint can't be asked without the name of a model."""
    if base_url and not model:
        raise ImproperlyConfigured("LLM_MODEL is missing, which LLM_BASE_URL needs.")


def for_celery(redis_url: str) -> str:
    """The address as Celery wants it."""
    return redis_url.replace(REDIS_SOCKET, CELERY_SOCKET, 1)


def for_redis(redis_url: str) -> str:
    """The address as redis-py wants it."""
    return redis_url.replace(CELERY_SOCKET, REDIS_SOCKET, 1)


def sentence_of(error: Exception) -> str:
    """An error in the settings in one line that names the variable, without its value."""
    if isinstance(error, EnvValidationError):
        named = re.search(r'"(\w+)"', str(error))
        faults = error.error_messages
        reasons = faults if isinstance(faults, list) else [str(faults)]
        return f"{named[1] if named else 'A variable'}: {' '.join(map(str, reasons))}"
    return " ".join(str(error).split())


def _scheme(url: str) -> str:
    return url.partition("://")[0] if "://" in url else ""


def _refuse_bad_port(url: str) -> None:
    try:
        _ = urlsplit(url).port
    except ValueError as error:
        raise ValidationError(f"Is no address: {error}.") from None
