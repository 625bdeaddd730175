"""The study document's section on how people come, and what its consent must ask for."""

from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel, ConfigDict
from pydantic import ValidationError as ShapeError

from studies.document import sentence_of
from studies.models import ConsentScope
from studies.recruitment.panel import Panel
from studies.recruitment.registry import PANELS

Fault = tuple[tuple[str | int, ...], str]


class EntrySection(BaseModel):
    """By which links people come."""

    model_config = ConfigDict(extra="forbid")
    open: bool = True
    panels: list[dict[str, Any]] = []


def entry_faults(section: Any, document: Mapping[str, Any]) -> list[Fault]:
    """What is wrong with `entry`."""
    if section is None:
        return []
    try:
        entry = EntrySection.model_validate(section)
    except ShapeError as error:
        return _sentences(error)
    panels: list[Panel] = []
    faults: list[Fault] = []
    for position, listed in enumerate(entry.panels):
        faults += _panel_faults(("panels", position), listed, panels)
    return faults or _repeated(panels)


def _panel_faults(
    path: tuple[str | int, ...], listed: dict[str, Any], panels: list[Panel]
) -> list[Fault]:
    """The faults of one panel; one that is whole joins `panels`."""
    kind = PANELS.get(str(listed.get("kind")))
    if kind is None:
        return [(path, f"A panel's “kind” is one of {', '.join(PANELS)}.")]
    try:
        panels.append(kind.model_validate(listed))
    except ShapeError as error:
        return [((*path, *place), sentence) for place, sentence in _sentences(error)]
    return []


def _sentences(error: ShapeError) -> list[Fault]:
    return [(tuple(fault["loc"]), sentence_of(fault)) for fault in error.errors()]


def _repeated(panels: list[Panel]) -> list[Fault]:
    """A link must say of itself which panel it comes from, and a person's panel has one name."""
    faults: list[Fault] = []
    for position, panel in enumerate(panels):
        path, before = ("panels", position), panels[:position]
        if panel.name in [other.name for other in before]:
            faults.append((path, f"The name “{panel.name}” stands here twice."))
        parameter = panel.parameters.participant
        if parameter in [other.parameters.participant for other in before]:
            faults.append((path, f"Two panels read “{parameter}”; their links look the same."))
    return faults


def consent_faults(section: Any, document: Mapping[str, Any]) -> list[Fault]:
    """What `consent` lacks for what else the study asks."""
    scopes = section.get("scopes") if isinstance(section, dict) else None
    offered = scopes if isinstance(scopes, list) else [ConsentScope.TAKE_PART]
    if isinstance(section, dict) and document.get("converse") and "converse" not in offered:
        return [(("scopes",), "A study in which people converse has to list “converse” here.")]
    return []
