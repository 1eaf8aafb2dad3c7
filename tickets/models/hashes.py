"""The one way a stored JSON value is hashed."""

from __future__ import annotations

import hashlib
import json


def hash_json(value: object) -> str:
    """SHA-256 in hexadecimal over the value as canonical JSON: sorted keys, no blanks, UTF-8.

    Raises ValueError for NaN and the infinities, which JSON (RFC 8259) does not have.
    """
    text = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)
    return hashlib.sha256(text.encode()).hexdigest()
