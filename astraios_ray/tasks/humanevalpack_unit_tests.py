"""HumanEvalPack in the languages that are judged by unit tests: what the harness puts around an answer.

The rules are those of bigcode-evaluation-harness, bigcode_eval/tasks/humanevalpack.py
(``process_results``), as of its commit 0261c52.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from astraios_ray.evaluation.evaluator import Problem
from astraios_ray.evaluation.functional import reference_program, verdicts_of
from astraios_ray.evaluation.references import limits_from
from astraios_ray.records import Completion, Verdict
from astraios_ray.sandbox.protocol import Sandbox, UnitTestCheck
from astraios_ray.tasks.octopack_cut import cut_braces

Row = Mapping[str, str]


@dataclass(frozen=True)
class UnitTested:
    """One language: its name for people, its stop words, and how a check is made of a row and a program."""

    title: str
    stop: tuple[str, ...]
    check: Callable[[Row, str], UnitTestCheck]
    keys: tuple[str, ...] = ("signature",)  # of a row, beside those of every language
    start: str = ""  # in front of every declaration

    def cut(self, completion: str) -> str:
        """The part of a completion that is judged."""
        return cut_braces(completion, self.stop)


def mended(row: Row) -> str:
    """The declaration up to the brace that opens the function; that of CPP/38 has a part of a body too."""
    declaration, signature = row["declaration"], row["signature"]
    start = declaration.rfind(signature)
    end = declaration.find("{", start + len(signature)) + 1 if start >= 0 else 0
    return f"{declaration[:end]}\n" if end and declaration[end:].strip() else declaration


def judge_unit_tests(
    problem: Problem,
    completions: Sequence[Completion],
    sandbox: Sandbox,
    language: UnitTested,
) -> list[Verdict]:
    """One verdict per completion, in order; equal programs are run once.

    The ``canonical_solution`` sets the limits and must pass. Raises DataError when it does not pass; errors
    of the sandbox pass through.
    """
    row = problem.answer
    programs = (
        item.text if item.whole else row["declaration"] + language.cut(item.text) for item in completions
    )
    checks = [language.check(row, program) for program in programs]
    reference = language.check(row, reference_program(row))
    limits = limits_from(reference, f"problem {problem.id}", sandbox)
    return verdicts_of(completions, checks, sandbox, limits)


def declared(row: Row) -> str:
    """The declaration of a row; in a problem's answer, ``declaration`` is what the prompt ends with."""
    return row.get("declared", row.get("declaration", ""))


def _in_front(row: Row) -> str:
    """The code in front of the function, where functions stand that its test uses."""
    return declared(row)[: max(0, declared(row).rfind(row["signature"]))]


def _cpp(row: Row, program: str) -> UnitTestCheck:
    source = program.split("int main")[0]
    return UnitTestCheck("cpp", source, row["signature"], row["test"], _in_front(row))


def _js(row: Row, program: str) -> UnitTestCheck:
    return UnitTestCheck("js", program, row["signature"], row["test"], _in_front(row))


_GO_PACKAGES = {  # that the harness imports where code uses them, and a name in each
    "math": "Abs",
    "strings": "ToLower",
    "fmt": "Sprint",
    "strconv": "Itoa",
    "time": "Now",
    "bytes": "Equal",
    "regexp": "MustCompile",
    "sort": "Ints",
    "math/rand": "Int",
    "crypto/md5": "New",
    "testing": "Short",
    "github.com/stretchr/testify/assert": "New",
}
_GO_FUNCTION = re.compile(r"^func (\w+)\(.*?^}", re.MULTILINE | re.DOTALL)
_GO_STOP = ("\n//", "\nfunc main(", "struct", "\nfunc")


def _go(row: Row, program: str) -> UnitTestCheck:
    """A program that lacks functions of its prompt gets them: those of Go/32, 38 and 50 use one."""
    helpers = [(match[1], match[0]) for match in _GO_FUNCTION.finditer(row.get("prompt", ""))]
    lacking = [text for name, text in helpers if f"func {name}(" not in program]
    source = _go_file("\n".join([program, *lacking]))
    test = _go_file("\n".join([row["test"], *(text for _, text in helpers)]))
    return UnitTestCheck("go", source, row["signature"], test)


def _go_file(code: str) -> str:
    """A file that imports what its code seems to use, and uses what it imports."""
    code = code.replace("package main", "")
    used = [name for name in _GO_PACKAGES if _uses(code, name)]
    lines = "".join(f'    "{name}"\n' for name in used)
    uses = "".join(f"var _ = {name.split('/')[-1]}.{_GO_PACKAGES[name]}\n" for name in used)
    return f"package main\nimport (\n{lines})\n{code}\n{uses}"


def _uses(code: str, package: str) -> bool:
    word = re.compile(rf"(?<![\w.]){package.split('/')[-1]}\.")
    lines = (line for line in code.split("\n") if not line.strip().startswith("//"))
    return f'"{package}"' not in code and any(map(word.search, lines))


_RUST_MAIN = "fn main()"
# The solution of Rust/32 does not end for one polynomial in eighty: its test draws the same hundred always.
_RUST_RANDOM = """
mod drawn {
    static DRAWN: std::sync::atomic::AtomicU64 = std::sync::atomic::AtomicU64::new(4);
    pub fn thread_rng() -> rand::rngs::StdRng {
        let seed = DRAWN.fetch_add(1, std::sync::atomic::Ordering::SeqCst);
        rand::SeedableRng::seed_from_u64(seed)
    }
}
"""
_RUST_TYPE = re.compile(r"^(?:#\[[^\n]*\n)*pub (?:enum|struct) .*?^}", re.MULTILINE | re.DOTALL)
_OLD_RANGE = re.compile(r"gen_range\(([^(),]+), ([^(),]+)\)")  # of rand before 0.8, in the tests of two rows


def _rust(row: Row, program: str) -> UnitTestCheck:
    """The imports of the declaration stand in front of a program that lacks them."""
    program = _RUST_MAIN.join(program.split(_RUST_MAIN)[:2])
    uses = [line for line in declared(row).split("\n") if line.startswith("use ") and line not in program]
    types = _RUST_TYPE.findall(row.get("canonical_solution", ""))  # the test of Rust/137 uses one
    helpers = "\n".join([re.sub(r"\b(?:pub\s+)?fn\s*$", "", _in_front(row)), *types, _RUST_RANDOM])
    test = _OLD_RANGE.sub(r"gen_range(\1..\2)", row["test"]).replace("rand::thread_rng", "drawn::thread_rng")
    return UnitTestCheck("rust", "\n".join([*uses, program]), row["signature"], test, helpers)


UNIT_TESTED: Mapping[str, UnitTested] = {
    "cpp": UnitTested("C++", (), _cpp),
    "go": UnitTested("Go", _GO_STOP, _go),
    "js": UnitTested("JavaScript", (), _js),
    "rust": UnitTested("Rust", (), _rust, start="fn main(){}\n"),
}
