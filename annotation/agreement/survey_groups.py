"""Figures by group of people, where groups are large enough that nobody stands out."""

from collections.abc import Mapping

LEAST = 10
"""Persons of a group whose figures are shown, and of all that are held back together."""


def shown_groups(sizes: Mapping[str, int], least: int = LEAST) -> list[str]:
    """The groups whose figures may be shown, from the numbers of persons in each.

    Each has `least` persons or more. Those held back must be as many together, or none: else the
    whole less what is shown would tell of them; so the smallest shown one is held back too.
    """
    shown = sorted((group for group in sizes if sizes[group] >= least), key=lambda g: sizes[g])
    hidden = sum(sizes.values()) - sum(sizes[group] for group in shown)
    while shown and 0 < hidden < least:
        hidden += sizes[shown.pop(0)]
    return [group for group in sizes if group in shown]
