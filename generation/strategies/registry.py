"""All strategies by name, and those that a study asks for. A new one is one line here."""

from collections.abc import Iterable

from generation.strategies import generic, relevant_attributes
from generation.strategies.strategy import Strategy
from studies.models import Study

STRATEGIES: dict[str, Strategy] = {
    strategy.name: strategy for strategy in [generic.GENERIC, *relevant_attributes.ALL_ARMS]
}
FAMILIES: dict[str, list[str]] = {
    relevant_attributes.NAME: [strategy.name for strategy in relevant_attributes.ALL_ARMS]
}
"""Names that stand for several strategies: all arms of one."""


def strategies_named(names: Iterable[str]) -> list[Strategy]:
    """The strategies of these names in their order, each once; KeyError for an unknown one."""
    single = [name for given in names for name in FAMILIES.get(given, [given])]
    return [STRATEGIES[name] for name in dict.fromkeys(single)]


def strategies_of(study: Study) -> list[Strategy]:
    """Those that the study document lists; all if it lists none."""
    return strategies_named(study.document.get("strategies") or STRATEGIES)
