"""How each table leads to the person whom a row is about: what erasing and downloading go by.

The order is one in which rows can be deleted: what hangs on others comes first.
"""

from collections.abc import Iterator
from typing import Any
from uuid import UUID

from django.apps import apps
from django.db.models import Model, QuerySet

_OF_ITEM = (
    "attribute__participant",
    "conversation__participant",
    "prompt__participant",
    "first__participant",
    "first__attributes__participant",
    "second__participant",
    "second__attributes__participant",
)
_OF_TASK = ("subject", "conversation__participant", "prompt__participant")


def _below(name: str, paths: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(f"{name}__{path}" for path in paths)


ABOUT: dict[str, tuple[str, ...]] = {
    "collection.Redaction": ("turn__conversation__participant",),
    "collection.ReplyEvent": ("turn__conversation__participant",),
    "collection.UnsharedTurn": ("conversation__participant",),
    "collection.UnsharedConversation": ("participant",),
    "collection.Donation": ("participant",),
    "annotation.Skip": ("rater__participant", *_below("item", _OF_ITEM), *_below("task", _OF_TASK)),
    "annotation.Judgment": (
        "rater__participant",
        *_below("item", _OF_ITEM),
        *_below("task", _OF_TASK),
    ),
    "annotation.Draft": (
        "rater__participant",
        "assignment__subject",
        *_below("assignment__task", _OF_TASK),
    ),
    "annotation.Assignment": ("subject", *_below("task", _OF_TASK)),
    "annotation.TaskItem": (*_below("item", _OF_ITEM), *_below("task", _OF_TASK)),
    "annotation.Task": _OF_TASK,
    "annotation.Item": _OF_ITEM,
    "annotation.Exclusion": ("rater__participant",),
    "annotation.Rater": ("participant",),
    "generation.Selection": ("attribute__participant", "prompt__participant"),
    "generation.Response": (
        "participant",
        "prompt__participant",
        "attributes__participant",
        "given_turns__turn__conversation__participant",
    ),
    "generation.GivenAttribute": (
        "attribute__participant",
        "response__participant",
        "response__prompt__participant",
    ),
    "generation.GivenTurn": (
        "turn__conversation__participant",
        "response__participant",
        "response__prompt__participant",
    ),
    "generation.AttributeLink": ("attribute__participant", "other__participant"),
    "generation.Verification": ("attribute__participant",),
    "generation.Evidence": ("attribute__participant", "conversation__participant"),
    "generation.Profile": ("participant",),
    "generation.Prompt": ("participant",),
    "generation.Attribute": ("participant",),
    "collection.Turn": ("conversation__participant",),
    "collection.Conversation": ("participant",),
    "studies.Concern": ("participant",),
    "studies.Entry": ("participant",),
    "studies.PanelIdentity": ("participant",),
    "studies.Part": ("participant",),
    "studies.Consent": ("participant",),
    "studies.Participant": ("pk",),
}
"""By model, every path from a row to a participant whom it is about or who wrote it."""


def rows_about(label: str, person: UUID) -> QuerySet[Model]:
    """A table's rows about a person. One query; each path is looked up by an index of its own."""
    model: Any = apps.get_model(label)
    return model._base_manager.filter(pk__in=ids_about(label, person))  # type: ignore[no-any-return]


def ids_about(label: str, person: UUID) -> set[Any]:
    """Their keys. A query per path: one condition with all of them would read whole tables."""
    model: Any = apps.get_model(label)
    found: set[Any] = set()
    for path in ABOUT[label]:
        found.update(model._base_manager.filter(**{path: person}).values_list("pk", flat=True))
    return found


def refs_about(person: UUID) -> Iterator[tuple[str, set[str]]]:
    """By kind as a bundle names it (`attribute`, `judgment` …), the refs of the person's rows."""
    for label in ABOUT:
        model: Any = apps.get_model(label)
        if any(field.name == "ref" for field in model._meta.concrete_fields):
            refs: set[str] = set()
            for path in ABOUT[label]:
                rows = model._base_manager.filter(**{path: person})
                refs.update(rows.values_list("ref", flat=True))
            yield model._meta.model_name, refs
