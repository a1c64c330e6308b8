"""What the name of a linear layer says of its task: hints, which shapes and positions confirm."""

import re
from collections.abc import Iterable

TOKEN = re.compile(r"[A-Za-z]+|\d+")
ATTENTION = re.compile(r"attn|attention", re.IGNORECASE)
BLOCK_CLASS = re.compile(r"(Layer|Block)$")
NORM = re.compile(r"norm", re.IGNORECASE)
ACTIVATION = re.compile(r"act|gelu|relu|silu|swish", re.IGNORECASE)
FUSED = re.compile(r"w?([qkv]+)")
ROLES = {"query": "q", "queries": "q", "key": "k", "keys": "k", "value": "v", "values": "v"}
OUTPUTS = {"o", "wo", "out", "output", "down", "dense"}
SECOND = {*OUTPUTS, "2"}  # fc2, w2, layer_2


def roles(name: str) -> frozenset[str]:
    """Which of queries, keys and values ``name`` says that a layer makes, as letters of ``qkv``.

    ``kv_b_proj`` gives k and v, ``Wqkv`` and ``query_key_value`` all three, ``o_proj`` none.
    """
    letters = ""
    for token in _tokens(name):
        fused = FUSED.fullmatch(token)
        letters += ROLES.get(token, "") + (fused[1] if fused else "")
    return frozenset(letters)


def says_output(name: str, words: Iterable[str] = frozenset(OUTPUTS)) -> bool:
    """Whether ``name`` has a word of output layers."""
    return not set(words).isdisjoint(_tokens(name))


def _tokens(name: str) -> list[str]:
    return [token.lower() for token in TOKEN.findall(name.rpartition(".")[2])]
