"""Tokens of code in any language, the same for every model."""

import re

PATTERN = r"\w+|[^\w\s]"
"""Matches a word or a single sign."""

_TOKENS = re.compile(PATTERN)


def code_tokens(code: str) -> list[str]:
    """The words and single signs of a text, in their order."""
    return _TOKENS.findall(code)
