"""A C program as a syntax tree, without its preprocessor.

Comments and directives become blanks, and macros without arguments are expanded here, since included headers
are not read; lines keep their numbers. Both branches of an ``#ifdef`` stay.
"""

import re
from dataclasses import dataclass

from pycparser import c_ast, c_parser

_STRING = r'"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])*\''
_TOKEN = re.compile(rf"{_STRING}|(?P<comment>//[^\n]*|/\*.*?\*/)", re.DOTALL)
_DEFINE = re.compile(r"^[ \t]*#[ \t]*define[ \t]+(\w+)[ \t]+(\S[^\n]*)$", re.MULTILINE)
_DIRECTIVE = re.compile(r"^[ \t]*#[^\n]*", re.MULTILINE)
_WORD = re.compile(rf"{_STRING}|\b[A-Za-z_]\w*\b")
_NESTED = 8  # the greatest depth of macros within macros
_LONGEST = 200_000  # characters after expansion; models write less, but macros can grow without end
_TYPES = (  # names of types in the standard library and POSIX
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
_TYPEDEFS = "".join(f"typedef int {name};" for name in _TYPES)


@dataclass(frozen=True)
class Unit:
    """The syntax tree of one file."""

    tree: c_ast.FileAST

    def functions(self) -> list[c_ast.FuncDef]:
        """The functions that the file defines, in order."""
        return [part for part in self.tree.ext if isinstance(part, c_ast.FuncDef)]


def parse_c(source: str) -> Unit:
    """Parse C. Raises ValueError for other text, for macros with arguments and for extensions."""
    plain = _without_comments(source.replace("\\\n", "  "))
    text = _expanded(_DIRECTIVE.sub("", plain), dict(_DEFINE.findall(plain)))
    try:
        return Unit(c_parser.CParser().parse(_TYPEDEFS + text))
    except (c_parser.ParseError, RecursionError, AssertionError) as error:
        # pycparser refuses some declarations by an assertion
        raise ValueError(f"pycparser cannot read it: {str(error)[:200]}") from error


def _without_comments(source: str) -> str:
    def blank(match: re.Match[str]) -> str:
        return re.sub(r"[^\n]", " ", match[0]) if match["comment"] else match[0]

    return _TOKEN.sub(blank, source)


def _expanded(text: str, macros: dict[str, str]) -> str:
    for _ in range(_NESTED if macros else 0):
        if len(text) > _LONGEST:
            break
        text = _WORD.sub(lambda match: macros.get(match[0], match[0]).strip(), text)
    if len(text) > _LONGEST:
        raise ValueError(f"a program of more than {_LONGEST} letters, its macros put in")
    return text
