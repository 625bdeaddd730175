"""What a stage is: how its tasks are made, and what its items are about."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from annotation.models import Item, Task
from studies.models import Study


@dataclass(frozen=True, slots=True)
class Draft:
    """A task with its items, not saved yet."""

    task: Task
    items: tuple[Item, ...]


class StageKind(Protocol):
    """One file per stage implements this."""

    name: str
    """The stage's name in documents, tables and addresses."""
    judge_prompt: str
    """The prompt file that a judge is asked with unless the study names another."""

    def drafts(self, study: Study, section: Mapping[str, Any]) -> Iterator[Draft]:
        """Tasks for everything that has no item yet."""
        ...
