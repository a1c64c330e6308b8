"""Regions of code: what is said of some training rows, measured there, and asked of any other code.

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
from astraios_ray.records import Mask, Value


class Region(Protocol):
    """A region whose boundaries are known."""

    @property
    def boundaries(self) -> Mapping[str, Value]:
        """All that was measured to draw it."""
        ...

    def holds(self, codes: Sequence[str]) -> list[bool]:
        """For each piece of code, whether it lies in the region."""
        ...


def fit_region(mask: Mask, codes: Sequence[str]) -> Region:
    """The region that ``mask`` asks for, drawn by the training rows' ``codes``; seeded.

    Raises DataError when none or all of them lie in it: then there is nothing to compare.
    """
    region = _fitted(mask, codes)
    inside = sum(region.holds(codes))
    if not 0 < inside < len(codes):
        raise DataError(
            f"ood: {inside} of {len(codes)} training rows lie in the region {mask.region} "
            f"({_words(region.boundaries)}); expected some and not all. Draw it otherwise."
        )
    return region


@dataclass(frozen=True)
class ByLength:
    """Code of ``shortest`` tokens or more, and of fewer than ``longer``, where there is such an end."""

    shortest: int
    longer: int | None

    @property
    def boundaries(self) -> Mapping[str, Value]:
        """Both ends, in tokens."""
        return {"from_tokens": self.shortest, "below_tokens": self.longer}

    def holds(self, codes: Sequence[str]) -> list[bool]:
        """By the number of tokens."""
        counts = (len(code_tokens(code)) for code in codes)
        return [self.shortest <= count and (self.longer is None or count < self.longer) for count in counts]


@dataclass(frozen=True)
class BySyntax:
    """Python with a node of class ``element``. What is no Python lies outside."""

    element: str

    @property
    def boundaries(self) -> Mapping[str, Value]:
        """The class of node."""
        return {"element": self.element}

    def holds(self, codes: Sequence[str]) -> list[bool]:
        """By the syntax tree."""
        return [self.element in _elements(code) for code in codes]


@dataclass(frozen=True)
class ByToken:
    """Code with this token, in any language."""

    element: str

    @property
    def boundaries(self) -> Mapping[str, Value]:
        """The token."""
        return {"element": self.element}

    def holds(self, codes: Sequence[str]) -> list[bool]:
        """By the code's tokens; a part of a longer word is none."""
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
        return {type(node).__name__ for node in ast.walk(ast.parse(textwrap.dedent(code)))}
    except (SyntaxError, ValueError, RecursionError):  # no Python, NUL bytes, or nested beyond reason
        return set()


def _words(boundaries: Mapping[str, Value]) -> str:
    return ", ".join(f"{name} {value}" for name, value in boundaries.items())
