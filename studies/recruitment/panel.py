"""What every panel has in common: how its people arrive and how they are sent back."""

import re
from abc import abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Annotated

from django.core.exceptions import PermissionDenied, ValidationError
from django.utils.translation import gettext as _
from pydantic import BaseModel, ConfigDict, Field, StringConstraints

Query = Mapping[str, Sequence[str]]
"""The parameters of an entry link, each with all its values."""

Code = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]{1,64}$")]
Parameter = Annotated[str, StringConstraints(pattern=r"^[A-Za-z][A-Za-z0-9_.-]{0,39}$")]
ID = re.compile(r"[A-Za-z0-9_.@:-]{1,128}")
"""What the id of a person, a study or a session may look like, whoever gives it."""


class ForgedLink(PermissionDenied):
    """An entry link that nobody vouches for; holds a sentence for whoever opened it."""


@dataclass(frozen=True, slots=True)
class Arrival:
    """Who somebody is to a panel, as its link says; ids that stay in sealed places."""

    panel: str
    person: str
    study: str = ""
    session: str = ""

    def as_values(self) -> dict[str, str]:
        """For sealing."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Parameters:
    """What a panel calls its ids in an entry link; an empty name is not read."""

    participant: str
    study: str = ""
    session: str = ""


class Codes(BaseModel):
    """The completion codes by what they mean."""

    model_config = ConfigDict(extra="forbid")
    done: Code
    screened_out: Code | None = None
    no_consent: Code | None = None
    attention: Code | None = None

    def for_outcome(self, outcome: str) -> str | None:
        """The code of an outcome; None where the study has none for it."""
        code: str | None = getattr(self, outcome, None)
        return code


class ExportColumns(BaseModel):
    """The columns of the list of people that the panel exports as CSV, and its states."""

    model_config = ConfigDict(extra="forbid")
    participant: str = Field(min_length=1, max_length=100)
    status: str = Field(min_length=1, max_length=100)
    code: str = Field(default="", max_length=100)
    submission: str = Field(default="", max_length=100)
    done: list[str] = []
    paid: list[str] = []
    returned: list[str] = []
    timed_out: list[str] = []


class Panel(BaseModel):
    """A place that sends people to a study, as the study document describes it."""

    model_config = ConfigDict(extra="forbid")
    name: str = Field(pattern=r"^[a-z0-9][a-z0-9_-]{0,39}$")
    codes: Codes

    @property
    @abstractmethod
    def parameters(self) -> Parameters:
        """What its ids are called in an entry link."""

    @property
    @abstractmethod
    def columns(self) -> ExportColumns:
        """What its own list of people looks like."""

    @abstractmethod
    def return_url(self, code: str) -> str:
        """Where a person goes back to with a completion code."""

    @abstractmethod
    def check(self, arrival: Arrival, query: Query) -> None:
        """Raise ForgedLink or ValidationError where the link is not the panel's for this study."""

    def read(self, query: Query) -> Arrival | None:
        """Who arrives by a link; None where it is not a link of this panel.

        Raises ValidationError for ids that no panel gives, ForgedLink for what is not vouched for.
        """
        names = self.parameters
        if names.participant not in query:
            return None
        arrival = Arrival(
            panel=self.name,
            person=_id(query, names.participant, required=True),
            study=_id(query, names.study),
            session=_id(query, names.session),
        )
        self.check(arrival, query)
        return arrival


def one_value(query: Query, name: str) -> str:
    """The parameter's value, empty where it is missing; ValidationError where it stands twice."""
    values = query.get(name, []) if name else []
    if len(values) > 1:
        raise ValidationError(_("This link is broken: a part of it stands there twice."))
    return values[0] if values else ""


def _id(query: Query, name: str, required: bool = False) -> str:
    value = one_value(query, name)
    if (required or value) and not ID.fullmatch(value):
        raise ValidationError(
            _("This link is broken. Please open the study again from the page that sent you.")
        )
    return value
