"""What a row is called outside the database: short opaque text, unique in its study and kind."""

from typing import TYPE_CHECKING, Any
from uuid import uuid4

from django.db import models
from django.db.backends.base.base import BaseDatabaseWrapper

LONGEST_REF = 200


def new_ref() -> str:
    """A name for a row made here; imported rows keep the name they came with."""
    return uuid4().hex


if TYPE_CHECKING:
    TextField = models.CharField[str, str]
else:  # Django's fields are generic only for type checkers
    TextField = models.CharField


class RefField(TextField):
    """A row's outside name, sorted by code point on every database so that exports agree."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**{"max_length": LONGEST_REF, "default": new_ref, **kwargs})

    def db_parameters(self, connection: BaseDatabaseWrapper) -> Any:
        """PostgreSQL sorts by the server's locale unless told otherwise; SQLite by code point."""
        parameters = super().db_parameters(connection)
        if connection.vendor == "postgresql":
            parameters["collation"] = "C"
        return parameters
