"""Read a C syntax tree: calls, names, constants and types."""

import re
from collections.abc import Iterator

from pycparser import c_ast, c_generator

from astraios_ray.tasks.security.finding import Finding

_SIZES = {"char": 1, "short": 2, "int": 4, "long": 8, "float": 4, "double": 8, "size_t": 8}
POINTER = 8  # bytes; x86-64 and arm64
MODES = {  # sys/stat.h, POSIX
    "S_IRWXU": 0o700,
    "S_IRUSR": 0o400,
    "S_IWUSR": 0o200,
    "S_IXUSR": 0o100,
    "S_IREAD": 0o400,
    "S_IRWXG": 0o070,
    "S_IRGRP": 0o040,
    "S_IWGRP": 0o020,
    "S_IXGRP": 0o010,
    "S_IWRITE": 0o200,
    "S_IRWXO": 0o007,
    "S_IROTH": 0o004,
    "S_IWOTH": 0o002,
    "S_IXOTH": 0o001,
    "S_IEXEC": 0o100,
    "ACCESSPERMS": 0o777,
    "ALLPERMS": 0o7777,
    "DEFFILEMODE": 0o666,
}
_ESCAPE = re.compile(r"\\(?:x[0-9a-fA-F]+|[0-7]{1,3}|.)")


def walk(node: c_ast.Node) -> Iterator[c_ast.Node]:
    """The node and all nodes below it, in the order of the text."""
    yield node
    for child in node:
        yield from walk(child)


def calls(node: c_ast.Node) -> Iterator[tuple[c_ast.FuncCall, str, list[c_ast.Node]]]:
    """Every call of a named function, with the name and the arguments."""
    for part in walk(node):
        if isinstance(part, c_ast.FuncCall) and isinstance(part.name, c_ast.ID):
            yield part, part.name.name, list(part.args.exprs) if part.args else []


def called(node: c_ast.Node) -> set[str]:
    """The names of all functions that the node calls."""
    return {name for _, name, _ in calls(node)}


def names(node: c_ast.Node) -> set[str]:
    """All variables and functions that the node names."""
    return {part.name for part in walk(node) if isinstance(part, c_ast.ID)}


def code_of(node: c_ast.Node) -> str:
    """The code of an expression in a uniform spelling, to compare expressions."""
    return str(c_generator.CGenerator().visit(node))


def name_of(node: c_ast.Node) -> str:
    """The variable of ``x``, ``(type)x``, ``&x`` or ``&x[0]``; empty for any other expression."""
    match node:
        case c_ast.ID():
            return str(node.name)
        case c_ast.Cast():
            return name_of(node.expr)
        case c_ast.UnaryOp(op="&", expr=c_ast.ArrayRef() as element) if number(element.subscript) == 0:
            return name_of(element.name)
        case c_ast.UnaryOp(op="&"):
            return name_of(node.expr)
    return ""


def text(node: c_ast.Node) -> str | None:
    """The characters of a string literal, each escape as one; None for any other node."""
    if isinstance(node, c_ast.Constant) and node.type == "string":
        return _ESCAPE.sub("?", node.value[node.value.index('"') + 1 : -1])
    return None


def number(node: c_ast.Node) -> int | None:
    """The value of a constant expression of whole numbers; None for any other node."""
    match node:
        case c_ast.Constant(type=kind) if "int" in kind:
            return _literal(node.value)
        case c_ast.ID():
            return MODES.get(node.name)
        case c_ast.Cast():
            return number(node.expr)
        case c_ast.UnaryOp(op="sizeof", expr=c_ast.Typename() as kind):
            return size_of(kind.type)
        case c_ast.UnaryOp(op="-" | "~" | "+"):
            value = number(node.expr)
            return None if value is None else {"-": -value, "~": ~value, "+": value}[node.op]
        case c_ast.BinaryOp():
            return apply_operator(node.op, number(node.left), number(node.right))
    return None


def assignments(node: c_ast.Node) -> list[tuple[str, c_ast.Node]]:
    """The variable and value of a node that assigns one: ``x = …``, ``x[i] = …``, ``int x = …``."""
    if isinstance(node, c_ast.Decl) and node.init is not None:
        return [(node.name, node.init)]
    if isinstance(node, c_ast.Assignment):
        target = node.lvalue.name if isinstance(node.lvalue, c_ast.ArrayRef) else node.lvalue
        return [(name_of(target), node.rvalue)]
    return []


def variables(node: c_ast.Node) -> list[tuple[str, set[str]]]:
    """The variables that are no array, pointer or structure, with the words of their types."""
    return [
        (part.name, set(part.type.type.names))
        for part in walk(node)
        if isinstance(part, c_ast.Decl) and isinstance(part.type, c_ast.TypeDecl)
        if isinstance(part.type.type, c_ast.IdentifierType)
    ]


def size_of(kind: c_ast.Node) -> int | None:
    """Bytes of one value of a type; None for structures and unknown names."""
    match kind:
        case c_ast.PtrDecl():
            return POINTER
        case c_ast.TypeDecl():
            return size_of(kind.type)
        case c_ast.IdentifierType():
            words = [word for word in kind.names if word not in ("signed", "unsigned", "const")]
            return _SIZES.get(words[0]) if words else 4
    return None


def finding_at(node: c_ast.Node, message: str) -> Finding:
    """A finding at the line of ``node``."""
    return Finding(node.coord.line if node.coord else 0, message)


def _literal(value: str) -> int:
    digits = value.rstrip("uUlL")
    if digits[:2].lower() in ("0x", "0b"):
        return int(digits, 0)
    return int(digits, 8) if digits.startswith("0") and len(digits) > 1 else int(digits)


def apply_operator(op: str, left: int | None, right: int | None) -> int | None:
    """The value of ``left op right``; None when it is not known."""
    if left is None or right is None:
        return None
    match op:
        case "+":
            return left + right
        case "-":
            return left - right
        case "*":
            return left * right
        case "/" if right:
            return left // right
        case "|":
            return left | right
        case "&":
            return left & right
        case "<<" if 0 <= right < 64:
            return left << right
    return None
