"""What columns hold, said without Arrow, which only Parquet needs: it takes long to load."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pyarrow as pa


@dataclass(frozen=True, slots=True)
class Kind:
    """What a column holds: Arrow's name for it; of a list or a struct, also what it is made of."""

    name: str
    parts: "tuple[Column, ...]" = ()

    def arrow(self) -> "pa.DataType":
        """The same for Arrow."""
        import pyarrow as pa

        if self.name == "list":
            return pa.list_(self.parts[0][1].arrow())
        if self.name == "struct":
            return pa.struct([(name, kind.arrow()) for name, kind in self.parts])
        if self.name == "moment":
            return pa.timestamp("us", tz="UTC")
        return pa.type_for_alias(self.name)


Column = tuple[str, Kind]
"""Its name, and what it holds."""


@dataclass(frozen=True, slots=True)
class Schema:
    """The columns of a table in their order."""

    columns: tuple[Column, ...]

    @property
    def names(self) -> list[str]:
        """What the columns are called."""
        return [name for name, _kind in self.columns]

    def arrow(self) -> "pa.Schema":
        """The same for Arrow."""
        import pyarrow as pa

        return pa.schema([(name, kind.arrow()) for name, kind in self.columns])


def schema_of(columns: Iterable[Column]) -> Schema:
    """The schema with these columns."""
    return Schema(tuple(columns))


def list_of(kind: Kind) -> Kind:
    """A list of such values."""
    return Kind("list", (("item", kind),))


def struct_of(columns: Iterable[Column]) -> Kind:
    """A struct with these fields."""
    return Kind("struct", tuple(columns))


TEXT, BOOLEAN, FLOAT = Kind("string"), Kind("bool"), Kind("double")
INTEGER, LONG = Kind("int32"), Kind("int64")
MOMENT = Kind("moment")
"""In UTC, to the microsecond."""
TEXTS = list_of(TEXT)
MESSAGES = list_of(struct_of([("role", TEXT), ("content", TEXT)]))
