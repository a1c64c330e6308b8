"""Masks the passwords, tokens and keys in addresses, for everything that is written or shown."""

import re
from collections.abc import Mapping
from typing import Any

MASK = "***"

_ADDRESS = re.compile(r"\b([a-z][a-z0-9+.-]*)://([^\s\"'<>\\]+)", re.IGNORECASE)
_WHOLE_ADDRESS = re.compile(r"([a-z][a-z0-9+.-]*)://(.+)", re.IGNORECASE)  # whatever letters it holds
_USER_AND_PASSWORD = re.compile(r"([^/?#:@]*):.*@", re.DOTALL)  # a password may hold / and @
_USER = re.compile(r"[^/?#:@]+(?::(?:x-oauth-basic)?)?@")  # without a password it is a token itself
_SECRET = r"(?i:\w*(?:token|secret|password|passwd|passphrase|signature|credentials?|api_?key|odbc_connect))"
_SHORT = r"(?i:key|access_?key(?:_?id)?|accessid|pass|pwd|auth|authorization|jwt|sig|sas)"  # a last word
_BEFORE = r"(?:[\w.~%-]*(?:[-_.]|%5[fF]|%2[dD]|(?<=[a-z])(?=[A-Z]))|(?i:aws|google))?"  # X-Amz-, refresh_, …
_PARAMETER = re.compile(rf"([?&;#]{_BEFORE}(?:{_SECRET}|{_SHORT})=)[^&;#]+")


def mask_secrets(text: str) -> str:
    """``text`` with ``***`` for the secrets of every address in it.

    Secrets are passwords and names in front of the host, and the values of parameters that are called token,
    key, signature or similar, as in signed addresses.
    """
    if "://" not in text:
        return text
    if _WHOLE_ADDRESS.fullmatch(text):
        return _WHOLE_ADDRESS.sub(_masked, text)
    return _ADDRESS.sub(_masked, text)


def mask_values(value: Any) -> Any:
    """Plain values with the secrets of every text masked."""
    if isinstance(value, str):
        return mask_secrets(value)
    if isinstance(value, Mapping):
        return {key: mask_values(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [mask_values(item) for item in value]
    return value


def _masked(address: re.Match[str]) -> str:
    scheme, rest = address.groups()
    if user := _USER.match(rest):
        rest = f"{MASK}@{rest[user.end() :]}"
    elif user := _USER_AND_PASSWORD.match(rest):
        rest = f"{user[1]}:{MASK}@{rest[user.end() :]}"
    return f"{scheme}://" + _PARAMETER.sub(rf"\1{MASK}", rest)
