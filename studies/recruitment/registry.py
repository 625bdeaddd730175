"""The panels there are, and those of a study. A further one is a file beside and a line here."""

from collections.abc import Mapping
from typing import Any

from studies.models import Study
from studies.recruitment.generic import Generic
from studies.recruitment.panel import Arrival, Panel, Query
from studies.recruitment.prolific import Prolific

PANELS: dict[str, type[Panel]] = {"prolific": Prolific, "generic": Generic}
"""By the `kind` in the study document."""


def panels_of(study: Study) -> list[Panel]:
    """The panels of a study, in the order of its document."""
    listed = _section(study).get("panels") or []
    return [PANELS[entry["kind"]].model_validate(entry) for entry in listed]


def panel_named(study: Study, name: str) -> Panel | None:
    """The study's panel of that name, if the document still has it."""
    return next((panel for panel in panels_of(study) if panel.name == name), None)


def read_arrival(study: Study, query: Query) -> Arrival | None:
    """Who arrives by a panel's link; None where the link is no panel's.

    Raises ForgedLink, ValidationError.
    """
    found = (panel.read(query) for panel in panels_of(study))
    return next((arrival for arrival in found if arrival), None)


def admits_anyone(study: Study) -> bool:
    """May people enter by the plain link?"""
    return bool(_section(study).get("open", True))


def _section(study: Study) -> Mapping[str, Any]:
    return study.document.get("entry") or {}
