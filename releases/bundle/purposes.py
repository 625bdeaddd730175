"""What a task is for, as far as the purposes of its items tell."""

from collections.abc import Iterable

from annotation.choices import Purpose


def purpose_by_items(purposes: Iterable[str]) -> str:
    """That of all its items where they have one in common, else `main`."""
    found = set(purposes)
    return found.pop() if len(found) == 1 else Purpose.MAIN.value
