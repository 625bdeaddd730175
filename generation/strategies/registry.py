"""All strategies by name. A new one is one line here."""

from collections.abc import Iterable

from generation.strategies import (
    all_attributes,
    contrastive,
    ensemble,
    generic,
    history,
    profile_summary,
    relevant_attributes,
    retrieved,
    served_adapter,
)
from generation.strategies.strategy import Strategy

ALL: list[Strategy] = [
    generic.GENERIC,
    history.HISTORY,
    profile_summary.PROFILE_SUMMARY,
    all_attributes.ALL_ATTRIBUTES,
    *relevant_attributes.ALL_ARMS,
    *retrieved.ATTRIBUTE_ARMS,
    *retrieved.TURN_ARMS,
    contrastive.CONTRASTIVE,
    served_adapter.SERVED_ADAPTER,
    ensemble.ENSEMBLE,
]
STRATEGIES: dict[str, Strategy] = {strategy.name: strategy for strategy in ALL}


def _families(names: Iterable[str]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for name in names:
        if ":" in name:
            found.setdefault(name.partition(":")[0], []).append(name)
    return found


FAMILIES: dict[str, list[str]] = _families(STRATEGIES)
"""Names that stand for several strategies: all arms of one."""


def strategies_named(names: Iterable[str]) -> list[Strategy]:
    """The strategies of these names in their order, each once; KeyError for an unknown one."""
    single = [name for given in names for name in FAMILIES.get(given, [given])]
    return [STRATEGIES[name] for name in dict.fromkeys(single)]
