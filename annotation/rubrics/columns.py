"""The typed columns that a rubric's answers have in an export."""

from dataclasses import dataclass
from typing import Literal

from annotation.rubrics.document import Per, Rubric

ColumnKind = Literal["bool", "string", "float", "list"]

COLUMN_KINDS: dict[str, ColumnKind] = {
    "boolean": "bool",
    "choice": "string",
    "ordinal": "string",
    "pairwise": "string",
    "text": "string",
    "slider": "float",
    "spans": "list",
    "list": "list",
}


@dataclass(frozen=True, slots=True)
class Column:
    """One question's column, named by its key.

    `kind` is the type of one answer: an option's stable value is a string, a list holds strings,
    spans are a list of `[start, end]`. Where `per` is not "item" the cell is a map from the id of
    the response or attribute to a value of that kind. A question without an answer is null.
    """

    name: str
    kind: ColumnKind
    per: Per

    @property
    def is_map(self) -> bool:
        return self.per != "item"


def columns(rubric: Rubric) -> list[Column]:
    """A column per question, in the rubric's order."""
    return [
        Column(name=question.key, kind=COLUMN_KINDS[question.kind], per=question.per)
        for question in rubric.questions
    ]
