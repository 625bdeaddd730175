"""What a response or attribute is called before its raters: a name that tells nothing of it."""

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from django.utils.crypto import salted_hmac

DIGITS = 16


@lru_cache(maxsize=10_000)
def blind_name(ref: str) -> str:
    """Always the same on one site, and not to be found out from a ref that somebody guesses.

    A ref of one's own choice may say by which strategy or model a response was made, and keys that
    grow say which was made first.
    """
    return salted_hmac("annotation.blinding", ref, algorithm="sha256").hexdigest()[:DIGITS]


def renamed(answers: Any, names: Mapping[str, str]) -> Any:
    """Answers with other names for what they are about; whatever has no such shape as it is."""
    if not isinstance(answers, Mapping):
        return answers
    return {
        key: {names.get(target, target): value for target, value in answer.items()}
        if isinstance(answer, Mapping)
        else answer
        for key, answer in answers.items()
    }
