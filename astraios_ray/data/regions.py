"""Regions of code, whose boundaries are measured on training rows and then apply to any code.

SimSCOOD (Hajipour et al., arXiv 2210.04802) masks regions by length, syntax and meaning. Its ranges,
elements and clusters are not published: here each is a parameter, and every boundary is recorded.
"""

import ast
import textwrap
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from astraios_ray.data.code_tokens import code_tokens
from astraios_ray.errors import ConfigError, DataError
from astraios_ray.python_syntax import NO_PYTHON, syntax_tree
from astraios_ray.records import Mask, Value


class Region(Protocol):
    """A region with measured boundaries."""

    @property
    def boundaries(self) -> Mapping[str, Value]:
        """The measured boundaries, for the record."""
        ...

    def holds(self, codes: Sequence[str]) -> list[bool]:
        """Whether each code is in the region."""
        ...


def fit_region(mask: Mask, codes: Sequence[str]) -> Region:
    """The region of ``mask``, measured on the training rows' ``codes``; seeded.

    Raises DataError when none or all of them are in it: then there is nothing to compare.
    """
    region = _fitted(mask, codes)
    count = sum(region.holds(codes))
    if not 0 < count < len(codes):
        raise DataError(
            f"ood: {count} of {len(codes)} training rows lie in the region {mask.region} "
            f"({_words(region.boundaries)}); expected some and not all. Draw it otherwise."
        )
    return region


@dataclass(frozen=True)
class ByLength:
    """Code with at least ``shortest`` tokens and fewer than ``longer``; None is no upper limit."""

    shortest: int
    longer: int | None

    @property
    def boundaries(self) -> Mapping[str, Value]:
        """Both ends, in tokens."""
        return {"from_tokens": self.shortest, "below_tokens": self.longer}

    def holds(self, codes: Sequence[str]) -> list[bool]:
        """Whether each code's number of tokens is in the range."""
        counts = (len(code_tokens(code)) for code in codes)
        return [self.shortest <= count and (self.longer is None or count < self.longer) for count in counts]


@dataclass(frozen=True)
class BySyntax:
    """Python code with a node of class ``element``. Other code is outside."""

    element: str

    @property
    def boundaries(self) -> Mapping[str, Value]:
        """The class of the node."""
        return {"element": self.element}

    def holds(self, codes: Sequence[str]) -> list[bool]:
        """Whether each code's syntax tree has such a node."""
        return [self.element in _elements(code) for code in codes]


@dataclass(frozen=True)
class ByToken:
    """Code with this token, in any language."""

    element: str

    @property
    def boundaries(self) -> Mapping[str, Value]:
        """The token that the region requires."""
        return {"element": self.element}

    def holds(self, codes: Sequence[str]) -> list[bool]:
        """Whether each code has the token; part of a longer word does not count."""
        return [self.element in code_tokens(code) for code in codes]


def _fitted(mask: Mask, codes: Sequence[str]) -> Region:
    if mask.region == "length":
        return _by_length(mask, codes)
    if mask.region == "syntax" and mask.language and mask.element:
        from astraios_ray.data.syntax_trees import by_syntax_tree  # only here: tree-sitter is optional

        return by_syntax_tree(mask)
    if mask.region in ("syntax", "token") and mask.element:
        return BySyntax(mask.element) if mask.region == "syntax" else ByToken(mask.element)
    if mask.region == "meaning":
        from astraios_ray.data.clusters import fit_cluster  # only here: loading scikit-learn takes a second

        return fit_cluster(mask, codes)
    raise ConfigError(f"ood.region: found {mask.region!r}, expected length, syntax, token or meaning.")


def _by_length(mask: Mask, codes: Sequence[str]) -> ByLength:
    counts = [len(code_tokens(code)) for code in codes]
    low, high = (int(end) for end in np.quantile(counts, (mask.low, mask.high), method="higher"))
    return ByLength(low if mask.low > 0 else 0, high if mask.high < 1 else None)


def _elements(code: str) -> set[str]:
    try:
        return {type(node).__name__ for node in ast.walk(syntax_tree(textwrap.dedent(code)))}
    except NO_PYTHON:
        return set()


def _words(boundaries: Mapping[str, Value]) -> str:
    return ", ".join(f"{name} {value}" for name, value in boundaries.items())
