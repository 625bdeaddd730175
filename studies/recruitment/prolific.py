"""Prolific: its parameters, its signed links, its completion codes, its list of submissions."""

from typing import Any, Literal

import jwt
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
ALGORITHMS = {
    *("RS256", "RS384", "RS512", "PS256", "PS384", "PS512"),
    *("ES256", "ES384", "ES512", "EdDSA"),
}
"""Only those in which the key that checks cannot sign."""
LONGEST_TOKEN = 4096
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
        if keys is not None:
            _key_set(keys)
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
        try:
            claims: dict[str, Any] = jwt.decode(
                token[:LONGEST_TOKEN],
                key=(key := self._key(token)),
                algorithms=[key.algorithm_name],
                audience=self.audience or self.study_id,
                options={"require": ["exp", "aud"]},
            )
        except jwt.ExpiredSignatureError:
            raise ForgedLink(
                _("This link is too old. Please open the study again from Prolific.")
            ) from None
        except (jwt.InvalidTokenError, jwt.PyJWKError):
            raise _not_vouched() from None
        return claims

    def _key(self, token: str) -> jwt.PyJWK:
        """The key that the token names; its own word for the algorithm is not trusted."""
        wanted = jwt.get_unverified_header(token).get("kid")
        found = [key for key in _key_set(self.keys or {}) if wanted and key.key_id == wanted]
        if not found:
            raise jwt.InvalidTokenError("unknown kid")
        return found[0]


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


def _key_set(keys: dict[str, Any]) -> list[jwt.PyJWK]:
    """The set's keys; raises ValueError for one that is private, unnamed or shared."""
    listed = keys.get("keys")
    if not isinstance(listed, list) or not listed:
        raise ValueError("a key set is {keys: [...]}")
    return [_public_key(entry) for entry in listed]


def _public_key(entry: Any) -> jwt.PyJWK:
    if not isinstance(entry, dict) or not entry.get("kid"):
        raise ValueError("each key of the set needs its “kid”")
    if "d" in entry or entry.get("kty") not in ("RSA", "EC", "OKP"):
        raise ValueError("a key set holds public keys only (RSA, EC or OKP)")
    try:
        key = jwt.PyJWK.from_dict(entry)
    except (jwt.PyJWKError, jwt.InvalidKeyError, ValueError, TypeError) as error:
        raise ValueError("a key of the set cannot be read") from error
    if key.algorithm_name not in ALGORITHMS:
        raise ValueError("a key of the set names an algorithm that is not accepted")
    return key
