"""The hostile programs: each is a source file below hostile/, and its first comment is its contract.

The comment says in free text how the program works. Then ``layer:`` names the wall that stops it,
``allowed:`` the outcomes that it may have, and ``twin:`` the control: ``itself`` when the same file succeeds
without isolation (``itself, as root`` when only root can), else ``none:`` and why. ``test:`` replaces
``f(3) == 9``, ``wall:`` gives the seconds, and ``slow: yes`` marks a program that takes more than a few.

When its attempt succeeds, a function answers 9 for 3, and a program prints 9 when it reads 3. PASSED is
allowed only when the answer is really right and the attempt must fail in silence.
"""

import re
from dataclasses import dataclass, replace
from pathlib import Path

from astraios_ray.records import Outcome
from astraios_ray.sandbox.protocol import (
    Check,
    FunctionCheck,
    JavaCheck,
    Limits,
    ProgramCheck,
    UnitTestCheck,
)
from astraios_ray.sandbox.seccomp import libseccomp

FOLDER = Path(__file__).parent / "hostile"
LIMITS = Limits(wall_seconds=20.0, cpu_seconds=1)
_AMPLE_CPU_SECONDS = 10  # of a program that no time limit may end, so that a slow machine changes no outcome
_TIME = {Outcome.TIMEOUT, Outcome.CPU_TIMEOUT}
_KEYS = ("layer", "allowed", "twin", "test", "wall", "slow")
_LINE = re.compile(rf"^(?:#|//) ({'|'.join(_KEYS)}): (.*)$", re.MULTILINE)
_MAIN = (
    "import java.util.*;\npublic class Main { public static void main(String[] a) throws Exception {"
    " if (!(%s)) throw new AssertionError(); } }\n"
)
UNIT_TESTS = {  # by language: the signature of the function, a test that holds when a term is true, the term
    "cpp": ("int f(int x)", "int main() {{ assert({}); }}\n", "f(3) == 9"),
    "js": ("const f = (x)", "console.assert({})\n", "f(3) === 9"),
    "go": (
        "func F(x int) int",
        'package main\nimport "testing"\nfunc TestF(t *testing.T) {{ if !({}) {{ t.Fail() }} }}\n',
        "F(3) == 9",
    ),
    "rust": ("f(x: i32) -> i32", "#[test]\nfn answers() {{ assert!({}); }}\n", "f(3) == 9"),
}


@dataclass(frozen=True)
class Hostile:
    """One hostile program with its contract."""

    kind: str  # its folder: language and mode
    name: str
    source: str
    layer: str
    allowed: tuple[Outcome, ...]
    twin: str
    test: str
    wall: float | None
    slow: bool

    @property
    def limits(self) -> Limits:
        """The limits of the program; ``wall`` replaces the default of wall seconds."""
        limits = LIMITS if _TIME & set(self.allowed) else replace(LIMITS, cpu_seconds=_AMPLE_CPU_SECONDS)
        return limits if self.wall is None else replace(limits, wall_seconds=self.wall)

    @property
    def quick(self) -> bool:
        """Whether the program ends before any time limit."""
        return self.wall is None and not self.slow and not _TIME & set(self.allowed)

    def check(self, source: str) -> Check:
        """The check of ``source``, in which the planted values are filled in."""
        if self.kind == "python_function":
            return FunctionCheck(source, "f", self.test or "assert f(3) == 9")
        if self.kind == "java_function":
            return JavaCheck(source, _MAIN % (self.test or "new Solution().f(3) == 9"))
        language = self.kind.removesuffix("_function")
        if language in UNIT_TESTS:
            signature, test, term = UNIT_TESTS[language]
            return UnitTestCheck(language, source, signature, test.format(self.test or term))
        return ProgramCheck(self.kind.removesuffix("_program"), source, "3\n", "9")

    def __str__(self) -> str:
        return f"{self.kind}-{self.name}"


def read(path: Path) -> Hostile:
    """The program of one file. Raises ValueError, which names the file and the missing keys."""
    text = path.read_text()
    contract = dict(_LINE.findall(text))
    lacking = [key for key in _KEYS[:3] if not contract.get(key)]
    explanation = re.match(r"(?:#|//) (?!\w+: )\S", text)
    if lacking or not explanation or not re.match(r"itself(, as root)?$|none: .", contract["twin"]):
        raise ValueError(
            f"{path}: expected how it works, layer, allowed and twin; lacks {lacking or 'a good one'}"
        )
    return Hostile(
        kind=path.parent.name,
        name=path.stem,
        source=numbered(text),
        layer=contract["layer"],
        allowed=tuple(Outcome(word) for word in contract["allowed"].split(", ")),
        twin=contract["twin"],
        test=contract.get("test", ""),
        wall=float(contract["wall"]) if "wall" in contract else None,
        slow="slow" in contract,
    )


def numbered(text: str) -> str:
    """The source with the numbers of system calls on this machine, negative for unknown calls."""
    library = libseccomp()
    return re.sub(r"\bNR_(\w+)", lambda m: str(library.resolve_syscall(library.Arch.NATIVE, m[1])), text)


def _possible(hostile: Hostile) -> bool:
    return not re.search(r"syscall\(-", hostile.source)  # not every processor has every call


def is_sampled(hostile: Hostile) -> bool:
    """Whether every run takes the program: of each language that is compiled twice a check, one in four."""
    kind = [other.name for other in SUITE if other.kind == hostile.kind]
    return hostile.kind.removesuffix("_function") not in UNIT_TESTS or hostile.name in kind[::4]


SUITE = tuple(filter(_possible, map(read, sorted(FOLDER.glob("*/*.*")))))
