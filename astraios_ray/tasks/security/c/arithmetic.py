"""CWE-190: a sum or a product that can overflow its type."""

from pycparser import c_ast

from astraios_ray.tasks.security.c.c_reading import assignments, code_of, finding_at, name_of, walk
from astraios_ray.tasks.security.c.comparisons import upper
from astraios_ray.tasks.security.c.flow import Facts, places
from astraios_ray.tasks.security.c_unit import Unit
from astraios_ray.tasks.security.finding import Finding
from astraios_ray.tasks.security.rules import C_RULES

_RANDOM = frozenset({"rand", "random", "rand_r", "lrand48", "mrand48", "arc4random"})
_READ = frozenset({"atoi", "atol", "atoll", "strtol", "strtoll", "strtoul", "getenv"})
_SCANS = ("scanf", "sscanf", "fscanf")
_SALES = frozenset({"getMonthlySales"})
_WHOLE_RANGE = ("RAND_MAX", "INT_MAX", "LONG_MAX", "UINT_MAX")
_WIDE = ("long", "int64_t", "uint64_t", "intmax_t", "double", "float")


@C_RULES.add("ArithmeticUncontrolled")
def of_random_numbers(unit: Unit) -> list[Finding]:
    """A sum or product with a random number of the whole range."""
    return _unchecked(unit, _RANDOM)


@C_RULES.add("ArithmeticTainted")
def of_numbers_that_were_read(unit: Unit) -> list[Finding]:
    """A sum or product with a number from the command line or the input that has no upper bound."""
    return _unchecked(unit, _READ)


@C_RULES.add("cwe-190_mitre-eg-4")
def of_sales(unit: Unit) -> list[Finding]:
    """A sum of results of an external function, in a type of the same width."""
    return _unchecked(unit, _SALES)


def _unchecked(unit: Unit, sources: frozenset[str]) -> list[Finding]:
    wide = _wide(unit.tree)
    findings = list[Finding]()
    for function in unit.functions():
        tainted = _tainted(function, sources)
        for node, facts in places(function):
            operands = _operands(node, wide)
            if any(_unbounded(operand, tainted, sources, wide, facts) for operand in operands):
                findings.append(finding_at(node, f"{code_of(node)} may overflow"))
    return findings


def _operands(node: c_ast.Node, wide: set[str]) -> list[c_ast.Node]:
    match node:
        case c_ast.BinaryOp(op="+" | "*"):
            return [node.left, node.right]
        case c_ast.Assignment(op="+=" | "*=") if name_of(node.lvalue) not in wide:
            return [node.lvalue, node.rvalue]
    return []


def _unbounded(
    operand: c_ast.Node, tainted: set[str], sources: frozenset[str], wide: set[str], facts: Facts
) -> bool:
    if not _whole_range(operand, tainted, sources) or _is_wide(operand, wide):
        return False
    return not any(fact.subject == code_of(operand) and upper(fact) is not None for fact in facts)


def _whole_range(node: c_ast.Node, tainted: set[str], sources: frozenset[str]) -> bool:
    """Whether a value comes from a source and is not reduced by %, /, & or >>."""
    match node:
        case c_ast.ID():
            return node.name in tainted
        case c_ast.FuncCall():
            return name_of(node.name) in sources
        case c_ast.Cast() | c_ast.UnaryOp(op="-"):
            return _whole_range(node.expr, tainted, sources)
        case c_ast.BinaryOp(op="%") if code_of(node.right).strip("()") in _WHOLE_RANGE:
            return _whole_range(node.left, tainted, sources)
        case c_ast.BinaryOp(op="+" | "-" | "*"):
            return any(_whole_range(side, tainted, sources) for side in (node.left, node.right))
    return False


def _tainted(function: c_ast.FuncDef, sources: frozenset[str]) -> set[str]:
    tainted = set[str]()
    if sources is _READ:
        tainted |= {name for part in walk(function) for name in _scanned(part)}
    while True:
        more = {
            name
            for part in walk(function)
            for name, value in assignments(part)
            if name and _whole_range(value, tainted, sources)
        }
        if more <= tainted:
            return tainted
        tainted |= more


def _scanned(part: c_ast.Node) -> list[str]:
    if isinstance(part, c_ast.FuncCall) and name_of(part.name) in _SCANS and part.args:
        return [name_of(argument) for argument in part.args.exprs if isinstance(argument, c_ast.UnaryOp)]
    return []


def _is_wide(node: c_ast.Node, wide: set[str]) -> bool:
    if isinstance(node, c_ast.Cast):
        return bool(set(_words(node.to_type)) & set(_WIDE))
    return name_of(node) in wide


def _wide(tree: c_ast.Node) -> set[str]:
    return {
        part.name
        for part in walk(tree)
        if isinstance(part, c_ast.Decl)
        and isinstance(part.type, c_ast.TypeDecl)
        and set(_words(part)) & set(_WIDE)
    }


def _words(node: c_ast.Node) -> list[str]:
    return [word for part in walk(node) if isinstance(part, c_ast.IdentifierType) for word in part.names]
