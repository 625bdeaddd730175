"""Known answers of the study document that are about something the study does not have."""

from collections.abc import Iterable, Mapping
from typing import Any

from django.db.models import Model

from annotation.actions.known import KNOWN
from annotation.models import Item
from generation.models import Attribute, Prompt, Response
from studies.lookups import among
from studies.models import Study

NAMED: Mapping[str, type[Model]] = {
    "item": Item,
    "attribute": Attribute,
    "prompt": Prompt,
    "responses": Response,
}
"""Keys of a known answer that name rows by their ref."""


def missing_known(study: Study) -> dict[str, int]:
    """By stage: how many gold items and checks cannot be asked, as what they name is not there.

    At most four queries for a stage; none where nothing is known.
    """
    sections = (study.document.get("stages") or {}).items()
    found = {stage: _missing(study, section or {}) for stage, section in sections}
    return {stage: n for stage, n in found.items() if n}


def _missing(study: Study, section: Mapping[str, Any]) -> int:
    known = [one for key in KNOWN for one in (section.get(key) or {}).get("items", ())]
    there = {
        key: _there(study, model, {ref for one in known for ref in _refs(one, key)})
        for key, model in NAMED.items()
    }
    return sum(any(not there[key].issuperset(_refs(one, key)) for key in NAMED) for one in known)


def _refs(known: Mapping[str, Any], key: str) -> Iterable[str]:
    named = known.get(key) or ()
    return (named,) if isinstance(named, str) else named


def _there(study: Study, model: type[Model], refs: set[str]) -> set[str]:
    if not refs:
        return set()
    rows = model._default_manager.filter(among("ref", refs), study=study)
    return set(rows.values_list("ref", flat=True))
