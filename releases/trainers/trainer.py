"""What a trainer file is: the trainer's columns and nothing else, and ids row by row beside it."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from releases.columns import Schema
from releases.tables.table import Row, Source


@dataclass(frozen=True)
class Example:
    """One row for the trainer, and the row of the same number in the sidecar.

    `about` names the person and the prompt, which decide the part the example goes to.
    """

    columns: Row
    meta: Row
    about: Row


@dataclass(frozen=True)
class Trainer:
    """A file that one kind of trainer reads without a script.

    Some trainers take every further column as input, so there is none.
    """

    name: str
    title: str
    schema: Schema
    meta_schema: Schema
    examples: Callable[[Source], Iterator[Example]]
