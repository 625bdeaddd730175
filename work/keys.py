"""Canonical JSON and its digest: equal content gives equal keys, whatever its order."""

import hashlib
import json
from typing import Any


def canonical_json(value: Any) -> str:
    """`value` as JSON with sorted keys and no spaces; NaN and unknown types are refused."""
    return json.dumps(
        value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False
    )


def digest_of(value: Any) -> str:
    """SHA-256 of the canonical JSON, in hex."""
    # Lone surrogates can't be encoded, and a digest must not fail on strange text.
    return hashlib.sha256(canonical_json(value).encode("utf-8", "surrogatepass")).hexdigest()
