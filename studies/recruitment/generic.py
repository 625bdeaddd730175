"""Any other panel: its parameters' names and its return address stand in the study document."""

from typing import Literal
from urllib.parse import urlsplit

from pydantic import Field, field_validator, model_validator

from studies.recruitment.panel import (
    Arrival,
    ExportColumns,
    Panel,
    Parameter,
    Parameters,
    Query,
)

PLACE = "{code}"


class Generic(Panel):
    """A panel that adds ids to a link and takes a code back."""

    kind: Literal["generic"]
    participant: Parameter
    study: Parameter | None = None
    session: Parameter | None = None
    return_url_template: str = Field(alias="return_url", max_length=500)
    """An https address with `{code}` in its path or query, and no other brace."""
    export: ExportColumns | None = None

    @field_validator("return_url_template")
    @classmethod
    def _check_return_url(cls, url: str) -> str:
        check_return_url(url)
        return url

    @model_validator(mode="after")
    def _check_names(self) -> "Generic":
        names = [name for name in (self.participant, self.study, self.session) if name]
        if len(set(names)) < len(names):
            raise ValueError("participant, study and session need different names")
        return self

    @property
    def parameters(self) -> Parameters:
        """As the document names them."""
        return Parameters(self.participant, self.study or "", self.session or "")

    @property
    def columns(self) -> ExportColumns:
        """As the document names them, else the parameter's own name and plain words."""
        return self.export or ExportColumns(
            participant=self.participant,
            status="status",
            code="code",
            done=["done", "completed"],
            paid=["paid", "approved"],
            returned=["returned"],
            timed_out=["timed out"],
        )

    def return_url(self, code: str) -> str:
        """The panel's address with the code in its place."""
        return self.return_url_template.replace(PLACE, code)

    def check(self, arrival: Arrival, query: Query) -> None:
        """Nothing vouches for such a link but its form."""


def check_return_url(url: str) -> None:
    """Raise ValueError unless the address is https, whole, and holds `{code}` in path or query."""
    parts = urlsplit(url)
    if parts.scheme != "https" or not parts.hostname or "@" in parts.netloc:
        raise ValueError("the return address begins with https:// and a host")
    if any(character.isspace() or not character.isprintable() for character in url):
        raise ValueError("the return address holds no spaces")
    rest = f"{parts.path}?{parts.query}"
    if rest.count(PLACE) != 1 or set("{}") & set(url.replace(PLACE, "", 1)):
        raise ValueError("the return address holds {code} once, after the host, and no other brace")
