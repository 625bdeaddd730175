"""Whether the `quality` section of a study document is as it should be."""

from collections.abc import Mapping
from typing import Any

from pydantic import ValidationError as ShapeError

from annotation.quality.limits import Limits
from studies.document import sentence_of

Path = tuple[str | int, ...]


def quality_faults(section: Any, document: Mapping[str, Any]) -> list[tuple[Path, str]]:
    """Everything wrong with `quality`, each with its path below it."""
    if section is None:
        return []
    try:
        Limits.model_validate(section)
    except ShapeError as error:
        return [(tuple(fault["loc"]), sentence_of(fault)) for fault in error.errors()]
    return []
