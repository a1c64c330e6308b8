"""A digest of plain values by their content."""

import hashlib
import json


def digest(value: object) -> str:
    """64 hexadecimal digits (SHA-256) over the JSON of ``value``, whatever the order of its keys."""
    return hashlib.sha256(json.dumps(value, sort_keys=True).encode()).hexdigest()
