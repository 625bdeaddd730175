"""What the lines of a bundle are made of: the types of their fields, and the objects in them."""

from datetime import UTC, datetime
from typing import Annotated, Any, ClassVar, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from collection.models import LONGEST_TEXT
from studies.refs import LONGEST_REF

LARGEST_INTEGER = 2**31 - 1
LARGEST_SEED = 2**63 - 1


def _moment(value: Any) -> Any:
    """A time with its offset, as ISO 8601 text; anything else is no time."""
    if not isinstance(value, str):
        raise ValueError("should be a time such as 2026-01-31T12:00:00Z")
    try:
        moment = datetime.fromisoformat(value)
        if moment.tzinfo is None:
            raise ValueError("no offset")
        return moment.astimezone(UTC)
    except (ValueError, OverflowError):
        raise ValueError("should be a time with its offset such as 2026-01-31T12:00:00Z") from None


Ref = Annotated[str, Field(min_length=1, max_length=LONGEST_REF)]
Text = Annotated[str, Field(max_length=LONGEST_TEXT)]
Name = Annotated[str, Field(max_length=120)]
Count = Annotated[int, Field(ge=0, le=LARGEST_INTEGER)]
Ordinal = Annotated[int, Field(ge=1, le=LARGEST_INTEGER)]
Seed = Annotated[int, Field(ge=-LARGEST_SEED - 1, le=LARGEST_SEED)]
Moment = Annotated[datetime, BeforeValidator(_moment)]
Language = Annotated[str, Field(max_length=10)]
Speaker = Literal["user", "assistant", "system", "tool"]
ScopeName = Literal[
    "take_part", "converse", "peers", "models", "publish_words", "publish_ratings", "contact"
]
StageName = Literal["extraction", "relevance", "response"]
RoleName = Literal["owner", "peer", "expert", "llm"]


class Part(BaseModel):
    """Anything in a line: types are taken as written, never converted."""

    model_config = ConfigDict(strict=True, extra="allow", protected_namespaces=())

    @property
    def extra(self) -> dict[str, Any]:
        """The fields this class does not name."""
        return self.__pydantic_extra__ or {}


class Closed(Part):
    """A small object that has no place to keep fields it does not know."""

    model_config = ConfigDict(strict=True, extra="forbid", protected_namespaces=())


class Record(Part):
    """A line of a bundle."""

    kind: ClassVar[str]


class Whole(Record):
    """A line that has no place to keep fields it does not know."""

    model_config = ConfigDict(strict=True, extra="forbid", protected_namespaces=())
