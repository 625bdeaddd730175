"""A text of the study document in the language of whoever reads it."""

from collections.abc import Mapping, Sequence


def worded(texts: Mapping[str, str], language: str, languages: Sequence[str]) -> str:
    """In the language asked for, else in the first of the study's that it has, else in any."""
    wanted = (language, language.split("-")[0], *languages)
    found = next((texts[tag] for tag in wanted if tag in texts), None)
    return found if found is not None else next(iter(texts.values()), "")
