"""The strategies that a study document asks for, each with its parameters.

An entry is a name, or a mapping with a `name`, the strategy's parameters and perhaps an `arm` that
tells two entries of one strategy apart: it is added to the name that is stored.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from pydantic import ValidationError as ShapeError

from generation.strategies.registry import FAMILIES, STRATEGIES, strategies_named
from generation.strategies.strategy import Need, Parameters, Strategy
from studies.document import sentence_of
from studies.models import Study

DEFAULT = ("generic", "relevant_attributes")
"""What a study that lists none asks for: all else costs more than most want to pay unasked."""
ARM = re.compile(r"[a-z0-9][a-z0-9_-]{0,19}")

Fault = tuple[tuple[str | int, ...], str]


@dataclass(frozen=True)
class Chosen:
    """A strategy with its parameters, under the name that its responses carry."""

    strategy: Strategy
    parameters: Parameters = field(default_factory=Parameters)
    arm: str = ""

    @property
    def name(self) -> str:
        """Of the strategy, and of the arm if it has one."""
        return f"{self.strategy.name}:{self.arm}" if self.arm else self.strategy.name

    @property
    def needs(self) -> frozenset[Need]:
        """What it cannot do without, set as it is."""
        return self.strategy.needs | self.parameters.needs()


def strategies_of(study: Study) -> list[Chosen]:
    """Those that the study document lists, each once; the default ones if it lists none.

    Raises KeyError for an unknown name, pydantic's ValidationError for wrong parameters.
    """
    entries = study.document.get("strategies") or DEFAULT
    found: dict[str, Chosen] = {}
    for entry in entries:
        for chosen in chosen_by(entry):
            found.setdefault(chosen.name, chosen)
    return list(found.values())


def chosen_by(entry: str | Mapping[str, Any]) -> list[Chosen]:
    """What one entry asks for; raises as `strategies_of` does."""
    values = {"name": entry} if isinstance(entry, str) else dict(entry)
    name, arm = values.pop("name"), values.pop("arm", "")
    return [
        Chosen(strategy, strategy.parameters.model_validate(values), arm)
        for strategy in strategies_named([name])
    ]


def strategy_called(stored: str) -> Strategy:
    """The strategy of responses with this name, with or without an arm of the study's own.

    Raises KeyError if there is none.
    """
    return STRATEGIES.get(stored) or STRATEGIES[stored.rpartition(":")[0]]


# -- What is wrong with a section ----------------------------------------------


def faults_in(section: list[Any]) -> Iterator[Fault]:
    """Everything wrong with the entries, each with its place."""
    seen: dict[str, Chosen] = {}
    for place, entry in enumerate(section):
        faults = list(_entry_faults(entry))
        yield from (((place, *path), sentence) for path, sentence in faults)
        if not faults:
            yield from (
                ((place,), sentence) for sentence in _repeated(entry, section[:place], seen)
            )


def _repeated(entry: Any, before: list[Any], seen: dict[str, Chosen]) -> Iterator[str]:
    """An entry may name one that an earlier family holds, but not set it differently."""
    if entry in before:
        yield f"The name “{entry if isinstance(entry, str) else entry['name']}” stands here twice."
        return
    for chosen in chosen_by(entry):
        if seen.setdefault(chosen.name, chosen) != chosen:
            yield f"“{chosen.name}” stands here with other parameters; tell them apart by an `arm`."


def _entry_faults(entry: Any) -> Iterable[Fault]:
    if isinstance(entry, Mapping):
        return _mapping_faults(entry)
    if not isinstance(entry, str) or not _is_known(entry):
        return [((), _unknown())]
    return [((), sentence) for _, sentence in _parameter_faults(entry, {})]


def _mapping_faults(entry: Mapping[str, Any]) -> Iterable[Fault]:
    values = dict(entry)
    name, arm = values.pop("name", None), values.pop("arm", None)
    if not isinstance(name, str) or not _is_known(name):
        return [(("name",) if "name" in entry else (), _unknown())]
    if arm is not None and not (isinstance(arm, str) and ARM.fullmatch(arm)):
        return [(("arm",), f"An arm's name has the form {ARM.pattern}.")]
    return _parameter_faults(name, values)


def _parameter_faults(name: str, values: Mapping[str, Any]) -> list[Fault]:
    """By the first arm of a family: all arms of one take the same."""
    parameters = strategies_named([name])[0].parameters
    try:
        parameters.model_validate(values)
    except ShapeError as error:
        return [(tuple(fault["loc"]), sentence_of(fault)) for fault in error.errors()]
    return []


def _is_known(name: str) -> bool:
    return name in STRATEGIES or name in FAMILIES


def _unknown() -> str:
    return f"There is no such strategy; there are {', '.join([*STRATEGIES, *FAMILIES])}."
