"""The study document's sections on machine work: its endpoints and its strategies."""

from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter
from pydantic import ValidationError as ShapeError

from generation.strategies.choosing import Fault, faults_in
from studies.document import sentence_of


class EndpointEntry(BaseModel):
    """A model by the study's own name for it; where it is and with which key is said elsewhere."""

    model_config = ConfigDict(extra="forbid")
    name: str = Field(pattern=r"^[a-z0-9][a-z0-9_-]{0,59}$")
    model: str = Field(min_length=1, max_length=200)


def endpoint_faults(section: Any, document: Mapping[str, Any]) -> list[Fault]:
    """What is wrong with `endpoints`."""
    if section is None:
        return []
    try:
        entries = TypeAdapter(list[EndpointEntry]).validate_python(section)
    except ShapeError as error:
        return [(tuple(fault["loc"]), sentence_of(fault)) for fault in error.errors()]
    return repeated([entry.name for entry in entries])


def strategy_faults(section: Any, document: Mapping[str, Any]) -> list[Fault]:
    """What is wrong with `strategies`."""
    if section is None:
        return []
    if not isinstance(section, list) or not section:
        return [((), "Strategies are a list of names, or of mappings with a name.")]
    return list(faults_in(section))


def repeated(names: list[str]) -> list[Fault]:
    """A fault for each name that stands in the list before."""
    return [
        ((position,), f"The name “{name}” stands here twice.")
        for position, name in enumerate(names)
        if name in names[:position]
    ]
