"""Signed tokens (JWT) and the published keys (JWKS) that they are checked with."""

from typing import Any

import jwt

ALGORITHMS = {
    *("RS256", "RS384", "RS512", "PS256", "PS384", "PS512"),
    *("ES256", "ES384", "ES512", "EdDSA"),
}
"""Only those in which the key that checks cannot sign."""
LONGEST_TOKEN = 4096


class Forged(Exception):
    """No key of the set vouches for the token, or it is for somebody else."""


class TooOld(Exception):
    """The token was good once."""


def claims_of(token: str, keys: dict[str, Any], audience: str) -> dict[str, Any]:
    """The token's claims once signature, audience and expiry hold; raises Forged, TooOld."""
    try:
        claims: dict[str, Any] = jwt.decode(
            token[:LONGEST_TOKEN],
            key=(key := _key(token, keys)),
            algorithms=[key.algorithm_name],
            audience=audience,
            options={"require": ["exp", "aud"]},
        )
    except jwt.ExpiredSignatureError as error:
        raise TooOld from error
    except (jwt.InvalidTokenError, jwt.PyJWKError) as error:
        raise Forged from error
    return claims


def _key(token: str, keys: dict[str, Any]) -> jwt.PyJWK:
    """The key that the token names; its own word for the algorithm is not trusted."""
    wanted = jwt.get_unverified_header(token).get("kid")
    found = [key for key in key_set(keys) if wanted and key.key_id == wanted]
    if not found:
        raise jwt.InvalidTokenError("unknown kid")
    return found[0]


def key_set(keys: dict[str, Any]) -> list[jwt.PyJWK]:
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
