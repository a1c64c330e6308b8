"""Python source to its syntax tree, from one thread at a time."""

import ast
import sys
from threading import Lock

NO_PYTHON = (SyntaxError, ValueError, RecursionError, MemoryError)
"""What the parser raises for a text that is no Python, has NUL or half a letter, or is nested too deeply."""

_PARSER = Lock()


def syntax_tree(source: str) -> ast.Module:
    """The tree of a module's source. Raises as :func:`ast.parse` does.

    CPython 3.11.0 to 3.11.7 counts the depth of all trees in one place (CPython issue 106905). When the
    garbage collector lets another thread make a tree meanwhile, one of the two ends with SystemError "AST
    constructor recursion depth mismatch".
    """
    with _PARSER:
        digits = sys.get_int_max_str_digits()
        sys.set_int_max_str_digits(0)  # a source is bounded by its own length
        try:
            return ast.parse(source)
        finally:
            sys.set_int_max_str_digits(digits)
