"""Rows of MultiPL-E as checks: the function of a prompt, and the test behind it, in two programs.

Cassano et al. 2022 (arXiv 2208.08227). The benchmark puts prompt, completion and test into one file, which
passes when it compiles and ends with status 0 (github.com/nuprl/MultiPL-E: evaluation/src, and
dataset_builder for the form of rows). Here the file is divided where the test begins.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from astraios_ray.errors import DataError
from astraios_ray.sandbox.languages.parameters import split_parameters
from astraios_ray.sandbox.protocol import Check, JavaCheck, UnitTestCheck

Row = Mapping[str, str]
Parts = re.Match[str]  # name, parameters and result of a function


@dataclass(frozen=True)
class Translated:
    """One language: its names for people and in the rows, and how a check is made of a row and a program."""

    title: str
    suffix: str  # of the benchmark's data sets
    stop: tuple[str, ...]  # of its rows
    signature: str  # a pattern for the line of the function, with which a prompt ends
    parameter: str  # a pattern for the name in a parameter; the rest is its type
    types: str  # words of the types whose values cross between function and test; empty: all
    check: Callable[[Row, Parts, str], Check]
    comment: str = "//"  # in front of each line of the description

    def function(self, row: Row) -> Parts:
        """The line that declares the function. Raises DataError where the prompt does not end with one."""
        line = row["prompt"].rstrip().split("\n")[-1]
        match = re.fullmatch(rf"{self.signature}\s*\{{", line.strip())
        if match is None:
            raise DataError(
                f"{row['name']}: its prompt ends with {line!r}; expected a {self.title} function."
            )
        return match

    def not_carried(self, row: Row) -> list[str]:
        """The types of the function whose values cannot cross."""
        parts = self.function(row)
        parameters = (re.sub(self.parameter, " ", part) for part in split_parameters(parts["parameters"]))
        words = re.findall(r"[A-Za-z_]\w*", " ".join([parts.groupdict().get("result") or "", *parameters]))
        return sorted(set(words).difference(self.types.split())) if self.types else []

    def declared(self, row: Row) -> str:
        """The function without its brace."""
        return _declared(self.function(row))

    def description(self, row: Row) -> str:
        """The comment that states the problem."""
        lines = (line.strip() for line in row["prompt"].split("\n"))
        return "\n".join(line[len(self.comment) :].strip() for line in lines if line.startswith(self.comment))


def _declared(function: Parts) -> str:
    return function[0].rstrip("{ ")


def _halves(row: Row, program: str) -> tuple[str, str]:
    """The program with the brace that closes its function, when the tests begin with it, and the tests."""
    tests = row["tests"].lstrip()
    rest = tests.removeprefix("}")
    return f"{program}\n{tests[: len(tests) - len(rest)]}\n", rest


def _cpp(row: Row, function: Parts, program: str) -> UnitTestCheck:
    source, test = _halves(row, program)
    return UnitTestCheck("cpp", source, _declared(function), test, standard="c++17")


def _rust(row: Row, function: Parts, program: str) -> UnitTestCheck:
    source, test = _halves(row, program)
    uses = "".join(f"{line}\n" for line in row["prompt"].split("\n") if line.startswith("use "))
    test = test.replace("fn main()", "#[test]\nfn the_test()", 1)
    return UnitTestCheck("rust", source, _declared(function).removeprefix("fn"), test, uses)


def _js(row: Row, function: Parts, program: str) -> UnitTestCheck:
    return UnitTestCheck("js", program, _declared(function), row["tests"])


_GO_USES = {'"fmt"': "fmt.Sprint", '"testing"': "testing.Short"}  # imports of every prompt, perhaps unused
_GO_SUBTEST = re.compile(r"t\.Run\(.*?, func\(t \*testing\.T\) \{(.*?)\n\t\t\}\)", re.DOTALL)
_GO_TEST = """\
package main
import (
    "fmt"
    "testing"
)
var {name} = Candidate
{test}"""


def _go(row: Row, function: Parts, program: str) -> UnitTestCheck:
    """The function gets a second name, since other packages see only those that begin with a capital."""
    name = function["name"]
    uses = "".join(f"var _ = {use}\n" for package, use in _GO_USES.items() if package in program)
    source = re.sub(r"^package \w+", "package main", program.lstrip())
    test = _GO_SUBTEST.sub(r"func(_ int, t *testing.T) {\1\n\t\t}(i, t)", row["tests"])
    return UnitTestCheck(
        "go",
        f"{source}\nvar Candidate = {name}\n{uses}",
        f"func Candidate({function['parameters']}) {function['result']}",
        _GO_TEST.format(name=name, test=test),
    )


_JAVA_FORWARD = "    static {result} {name}({parameters}) {{ return Solution.{name}({names}); }}\n"


def _java(row: Row, function: Parts, program: str) -> JavaCheck:
    """The class of the test has a method of the function's name, which calls the function."""
    source, test = _halves(row, program)
    source = source.replace("import org.javatuples.*;\n", "").replace("class Problem", "class Solution", 1)
    imports = "".join(f"{line}\n" for line in source.split("\n") if line.startswith("import "))
    names = ", ".join(part.split()[-1] for part in split_parameters(function["parameters"]))
    forward = _JAVA_FORWARD.format(**function.groupdict(), names=names)
    return JavaCheck(f"{source}}}\n", f"{imports}class Main {{\n{forward}{test}")


TRANSLATED: Mapping[str, Translated] = {
    "cpp": Translated(
        title="C++",
        suffix="cpp",
        stop=("\n}",),
        signature=r"(?P<result>.*?[\s>])(?P<name>\w+)\((?P<parameters>.*)\)",
        parameter=r"\s\w+$",
        types="bool int long float double char std vector string map set pair tuple optional size_t",
        check=_cpp,
    ),
    "go": Translated(
        title="Go",
        suffix="go",
        stop=("\nfunc", "struct", "\n// "),
        signature=r"func (?P<name>\w+)\((?P<parameters>.*)\) (?P<result>.*?)",
        parameter=r"^\w+\s",
        types="int float64 string bool map interface",
        check=_go,
    ),
    "java": Translated(
        title="Java",
        suffix="java",
        stop=("\n    }\n",),
        signature=r"public static (?P<result>.*?[\s>])(?P<name>\w+)\((?P<parameters>.*)\)",
        parameter=r"\s\w+$",
        types="ArrayList List HashMap Map Optional String Object long float boolean int double char "
        "Long Float Boolean Integer Double Character",
        check=_java,
    ),
    "js": Translated(
        title="JavaScript",
        suffix="js",
        stop=("\nfunction ", "\n/*", "\n//", "\nconsole.log"),
        signature=r"function (?P<name>\w+)\((?P<parameters>.*)\)",
        parameter="",
        types="",
        check=_js,
    ),
    "rust": Translated(
        title="Rust",
        suffix="rs",
        stop=("\n}",),
        signature=r"fn (?P<name>\w+)\((?P<parameters>.*)\) -> (?P<result>.*?)",
        parameter=r"^\w+\s*:",
        types="Vec String Option HashMap isize usize i32 i64 u32 u64 f32 f64 bool char str",
        check=_rust,
        comment="///",
    ),
}
