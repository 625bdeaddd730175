"""Prolific: its parameters, its signed links, its completion codes, its list of submissions."""

from typing import Any, Literal

from django.utils.translation import gettext as _
from pydantic import Field, field_validator, model_validator

from studies.recruitment.panel import (
    Arrival,
    ExportColumns,
    ForgedLink,
    Panel,
    Parameters,
    Query,
    one_value,
)

RETURN = "https://app.prolific.com/submissions/complete?cc="
CLAIMS = {
    "person": ("PROLIFIC_PID", "participant_id"),
    "study": ("STUDY_ID", "study_id"),
    "session": ("SESSION_ID", "session_id"),
}
"""What the token's `prolific` claim may call each id."""


class Prolific(Panel):
    """A study on Prolific."""

    kind: Literal["prolific"] = "prolific"
    name: str = Field(default="prolific", pattern=r"^[a-z0-9][a-z0-9_-]{0,39}$")
    study_id: str = Field(default="", pattern=r"^[A-Za-z0-9]{0,64}$")
    """The study's id there; a link with another one is refused."""
    signed: bool = False
    """Refuse links without a valid token."""
    keys: dict[str, Any] | None = None
    """Prolific's published key set (JWKS): public keys, each with its `kid`."""
    audience: str = Field(default="", max_length=200)
    """The token's `aud`; empty: the study's id there."""
    token: str = Field(default="prolific_token", pattern=r"^[A-Za-z][A-Za-z0-9_]{0,39}$")
    """The parameter that holds the token."""

    @field_validator("keys")
    @classmethod
    def _check_keys(cls, keys: dict[str, Any] | None) -> dict[str, Any] | None:
        # Most processes check no signature; the libraries for it would slow every start.
        from studies.recruitment.signatures import key_set

        if keys is not None:
            key_set(keys)
        return keys

    @model_validator(mode="after")
    def _check_signed(self) -> "Prolific":
        if self.signed and not (self.keys and self.study_id):
            raise ValueError("signed links need “keys” and “study_id”")
        return self

    @property
    def parameters(self) -> Parameters:
        """As Prolific writes them."""
        return Parameters("PROLIFIC_PID", "STUDY_ID", "SESSION_ID")

    @property
    def columns(self) -> ExportColumns:
        """As in “Export submissions”."""
        return ExportColumns(
            participant="Participant id",
            status="Status",
            code="Completion code",
            submission="Submission id",
            done=["AWAITING REVIEW", "APPROVED"],
            paid=["APPROVED"],
            returned=["RETURNED"],
            timed_out=["TIMED-OUT", "TIMED OUT"],
        )

    def return_url(self, code: str) -> str:
        """Prolific's own page for completion codes."""
        return RETURN + code

    def check(self, arrival: Arrival, query: Query) -> None:
        """The study's id, if the document names it, and the token, if links are signed."""
        if self.study_id and arrival.study != self.study_id:
            raise ForgedLink(_("This link belongs to another study."))
        if self.signed:
            _check_claims(self._claims(one_value(query, self.token)), arrival)

    def _claims(self, token: str) -> dict[str, Any]:
        """The token's claims once signature, audience and expiry hold; raises ForgedLink."""
        # As above: the libraries for signatures.
        from studies.recruitment.signatures import Forged, TooOld, claims_of

        try:
            return claims_of(token, self.keys or {}, self.audience or self.study_id)
        except TooOld:
            raise ForgedLink(
                _("This link is too old. Please open the study again from Prolific.")
            ) from None
        except Forged:
            raise _not_vouched() from None


def _check_claims(claims: dict[str, Any], arrival: Arrival) -> None:
    vouched = claims.get("prolific")
    if not isinstance(vouched, dict):
        raise _not_vouched()
    for field, names in CLAIMS.items():
        said = next((vouched[name] for name in names if name in vouched), "")
        if said != getattr(arrival, field):
            raise _not_vouched()


def _not_vouched() -> ForgedLink:
    return ForgedLink(
        _("Prolific does not vouch for this link. Please open the study again from Prolific.")
    )
