"""Regions by syntax in the languages of tree-sitter: code with a node of one type."""

import textwrap
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib import import_module
from typing import Any

from astraios_ray.config.config_problems import near
from astraios_ray.errors import ConfigError
from astraios_ray.records import Mask, Value


@dataclass(frozen=True)
class BySyntaxTree:
    """Code of ``language`` with a node of type ``element``, a tree-sitter grammar's name for it.

    The parser skips what it cannot read: a part of a program has nodes, prose has hardly any.
    """

    element: str
    language: str
    grammar: Any  # a tree_sitter.Language

    @property
    def boundaries(self) -> Mapping[str, Value]:
        """The type of the node, and its language."""
        return {"element": self.element, "language": self.language}

    def holds(self, codes: Sequence[str]) -> list[bool]:
        """Whether each code's syntax tree has such a node."""
        import tree_sitter

        parser = tree_sitter.Parser(self.grammar)
        cursor = tree_sitter.QueryCursor(tree_sitter.Query(self.grammar, f"({self.element}) @found"))
        trees = (parser.parse(textwrap.dedent(code).encode()) for code in codes)
        return [bool(cursor.captures(tree.root_node)) for tree in trees]


def by_syntax_tree(mask: Mask) -> BySyntaxTree:
    """The region of ``mask``, whose element is checked against the grammar.

    Raises ConfigError without the packages tree-sitter and tree-sitter-<language>, and for an element that
    the grammar does not know.
    """
    assert mask.element and mask.language
    try:
        import tree_sitter

        grammar = tree_sitter.Language(import_module(f"tree_sitter_{mask.language}").language())
    except ImportError as error:
        raise ConfigError(
            f"ood.language: {mask.language} needs the packages tree-sitter and tree-sitter-{mask.language}: "
            "pip install 'astraios-ray[syntax]'. Without them region syntax reads Python alone (leave "
            "language out), and region token reads any language."
        ) from error
    if grammar.id_for_node_kind(mask.element, True) is None:
        kinds = sorted({grammar.node_kind_for_id(number) or "" for number in _named(grammar)})
        raise ConfigError(
            f"ood.element: the grammar of {mask.language} has no node {mask.element!r}"
            f"{near(mask.element, kinds)}; it is named as tree-sitter does, for example for_statement."
        )
    return BySyntaxTree(mask.element, mask.language, grammar)


def _named(grammar: Any) -> list[int]:
    return [
        number
        for number in range(grammar.node_kind_count)
        if grammar.node_kind_is_named(number) and grammar.node_kind_is_visible(number)
    ]
