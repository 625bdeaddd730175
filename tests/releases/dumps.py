"""The whole of a study's database state by outside names, to hold two states against each other."""

import json
from typing import Any

from django.apps import apps
from django.db.models import Field, Model

from annotation.models import Task, TaskItem
from collection.models import Turn
from releases.bundle.schema import KEPT
from studies.models import Study

LOOKUPS = {
    "studies.Study": "pk",
    "studies.Consent": "participant__study",
    "collection.Turn": "conversation__study",
    "generation.Evidence": "attribute__study",
    "generation.GivenAttribute": "response__study",
    "generation.GivenTurn": "response__study",
    "generation.Verification": "attribute__study",
    "annotation.Exclusion": "rater__study",
    "annotation.TaskItem": "task__study",
}


def dump(study: Study) -> dict[str, list[str]]:
    """Every row of every kind that a bundle holds, as sorted lines of JSON."""
    labels = sorted({name.rpartition(".")[0] for name in KEPT})
    return {label: _rows(label, study) for label in labels}


def _rows(label: str, study: Study) -> list[str]:
    model = apps.get_model(label)
    found = model._default_manager.filter(**{LOOKUPS.get(label, "study"): study.pk})
    return sorted(json.dumps(_values(label, row), sort_keys=True) for row in found)


def _values(label: str, row: Model) -> dict[str, Any]:
    fields = [name.rpartition(".")[2] for name in KEPT if name.startswith(f"{label}.")]
    values = {name: _value(row, row._meta.get_field(name)) for name in fields}  # type: ignore[arg-type]
    if isinstance(row, Task):
        values["ref"] = _name(row)
    return values


def _value(row: Model, field: "Field[Any, Any]") -> Any:
    if field.many_to_many:
        return None  # told by the rows between
    value = getattr(row, field.name)
    if isinstance(value, Model):
        return _name(value)
    return value if isinstance(value, dict | list | int | float | None) else str(value)


def _name(row: Model) -> Any:
    if isinstance(row, Turn):
        return [row.conversation.ref, row.position, row.edition]
    if isinstance(row, Task) and row.is_implicit:
        return ["own task of", TaskItem.objects.get(task=row).item.ref]
    return row.ref  # type: ignore[attr-defined]
