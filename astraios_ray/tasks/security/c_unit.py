"""A C program as a syntax tree, without its preprocessor.

Comments and directives are blanked and macros without arguments are put in by hand, since the headers that
a program includes are not read; lines keep their numbers. Both branches of an ``#ifdef`` stay.
"""

import re
from dataclasses import dataclass

from pycparser import c_ast, c_parser

_STRING = r'"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])*\''
_TOKEN = re.compile(rf"{_STRING}|(?P<comment>//[^\n]*|/\*.*?\*/)", re.DOTALL)
_DEFINE = re.compile(r"^[ \t]*#[ \t]*define[ \t]+(\w+)[ \t]+(\S[^\n]*)$", re.MULTILINE)
_DIRECTIVE = re.compile(r"^[ \t]*#[^\n]*", re.MULTILINE)
_WORD = re.compile(rf"{_STRING}|\b[A-Za-z_]\w*\b")
_NESTED = 8  # macros within macros
_LONGEST = 200_000  # letters, macros put in: what a model writes is shorter, and macros can grow without end
_TYPES = (  # of the standard library and POSIX, as names that may stand where a type does
    *("FILE", "DIR", "size_t", "ssize_t", "ptrdiff_t", "intptr_t", "uintptr_t", "wchar_t", "va_list", "bool"),
    *("mode_t", "off_t", "pid_t", "uid_t", "gid_t", "time_t", "clock_t", "ino_t", "dev_t", "regex_t"),
    *(
        "socklen_t",
        "sigset_t",
        "pthread_t",
        "pthread_mutex_t",
        "u_char",
        "uint",
        "ulong",
        "intmax_t",
        "uintmax_t",
    ),
    *(f"{sign}int{bits}_t" for sign in ("", "u") for bits in (8, 16, 32, 64)),
)
_KNOWN = "".join(f"typedef int {name};" for name in _TYPES)


@dataclass(frozen=True)
class Unit:
    """One file."""

    tree: c_ast.FileAST

    def functions(self) -> list[c_ast.FuncDef]:
        """The functions it defines, in order."""
        return [part for part in self.tree.ext if isinstance(part, c_ast.FuncDef)]


def parse_c(source: str) -> Unit:
    """Raises ValueError when it is no C, or C that is made of macros with arguments or of extensions."""
    plain = _without_comments(source.replace("\\\n", "  "))
    text = _expanded(_DIRECTIVE.sub("", plain), dict(_DEFINE.findall(plain)))
    try:
        return Unit(c_parser.CParser().parse(_KNOWN + text))
    except (c_parser.ParseError, RecursionError, AssertionError) as error:
        # an assertion is how pycparser refuses some declarations
        raise ValueError(f"pycparser cannot read it: {str(error)[:200]}") from error


def _without_comments(source: str) -> str:
    def blank(found: re.Match[str]) -> str:
        return re.sub(r"[^\n]", " ", found[0]) if found["comment"] else found[0]

    return _TOKEN.sub(blank, source)


def _expanded(text: str, macros: dict[str, str]) -> str:
    for _ in range(_NESTED if macros else 0):
        if len(text) > _LONGEST:
            break
        text = _WORD.sub(lambda found: macros.get(found[0], found[0]).strip(), text)
    if len(text) > _LONGEST:
        raise ValueError(f"a program of more than {_LONGEST} letters, its macros put in")
    return text
