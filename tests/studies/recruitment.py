"""Panels for tests: a key pair of ours in Prolific's place, and studies that people come to."""

import json
import time
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, generate_private_key

from studies.models import Study
from tests.samples import make_study

KEY: RSAPrivateKey = generate_private_key(public_exponent=65537, key_size=2048)
OTHER_KEY: RSAPrivateKey = generate_private_key(public_exponent=65537, key_size=2048)
PERSON, OTHER = "5f0000000000000000000001", "5f0000000000000000000002"
STUDY, SESSION = "66aa00000000000000000001", "77bb00000000000000000001"
CODES = {"done": "CDONE", "screened_out": "CSCREEN", "no_consent": "CNO", "attention": "CATT"}
CONSENT = {
    "version": "2",
    "text": {"en": "We keep your answers.", "ko": "답을 보관합니다."},
    "scopes": ["take_part", "peers", "publish_ratings"],
    "required": ["take_part"],
}


def public_set(key: RSAPrivateKey = KEY, kid: str = "k1") -> dict[str, Any]:
    """The key set that a panel would publish."""
    public = json.loads(jwt.algorithms.RSAAlgorithm.to_jwk(key.public_key()))
    return {"keys": [{**public, "kid": kid, "alg": "RS256", "use": "sig"}]}


def prolific(**more: Any) -> dict[str, Any]:
    """Prolific as a study document describes it."""
    return {"kind": "prolific", "codes": CODES, "study_id": STUDY, **more}


def signed_prolific() -> dict[str, Any]:
    """The same with signed links."""
    return prolific(signed=True, keys=public_set())


def generic(**more: Any) -> dict[str, Any]:
    """Another panel."""
    return {
        "kind": "generic",
        "name": "lab",
        "participant": "who",
        "return_url": "https://panel.example/back?code={code}",
        "codes": CODES,
        **more,
    }


def study_with(*panels: dict[str, Any], slug: str = "alps", **entry: Any) -> Study:
    """A study that people come to by these panels."""
    consent = entry.pop("consent", CONSENT)
    section = {"panels": list(panels), **entry}
    return make_study(slug, {}, languages=["en", "ko"], consent=consent, entry=section)


def ids(person: str = PERSON, **more: str) -> dict[str, str]:
    """The parameters of a Prolific link."""
    return {"PROLIFIC_PID": person, "STUDY_ID": STUDY, "SESSION_ID": SESSION, **more}


def token(key: Any = KEY, kid: str = "k1", algorithm: str = "RS256", **claims: Any) -> str:
    """A token as Prolific signs it, or another."""
    whole = {"aud": STUDY, "exp": int(time.time()) + 600, "prolific": ids(), **claims}
    kept = {name: value for name, value in whole.items() if value is not None}
    return jwt.encode(kept, key, algorithm=algorithm, headers={"kid": kid})
