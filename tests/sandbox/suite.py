"""The hostile programs: one real source file each below hostile/, whose first comment is its contract.

Free text says how it works. Then ``layer:`` what stops it; ``allowed:`` the outcomes that it may have;
``twin:`` the control: ``itself`` when the same file succeeds where nothing isolates (``itself, as root`` when
only root can), else ``none:`` and why. ``test:`` what is asked instead of ``f(3) == 9``, ``wall:`` seconds,
``slow: yes`` when it takes more than a few.

Every function is to answer 9 for 3, every program to print 9 when it reads 3; they do so when their attempt
succeeds. PASSED is allowed only where the answer is really right and the attempt must fail in silence.
"""

import re
from dataclasses import dataclass, replace
from pathlib import Path

from astraios_ray.records import Outcome
from astraios_ray.sandbox.protocol import Check, FunctionCheck, JavaCheck, Limits, ProgramCheck
from astraios_ray.sandbox.seccomp import libseccomp

FOLDER = Path(__file__).parent / "hostile"
LIMITS = Limits(wall_seconds=20.0, cpu_seconds=1)  # a slow machine changes no outcome
_KEYS = ("layer", "allowed", "twin", "test", "wall", "slow")
_LINE = re.compile(rf"^(?:#|//) ({'|'.join(_KEYS)}): (.*)$", re.MULTILINE)
_MAIN = (
    "import java.util.*;\npublic class Main { public static void main(String[] a) throws Exception {"
    " if (!(%s)) throw new AssertionError(); } }\n"
)


@dataclass(frozen=True)
class Hostile:
    """One attempt."""

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
        """Programs that only the clock ends get less of it."""
        return LIMITS if self.wall is None else replace(LIMITS, wall_seconds=self.wall)

    @property
    def quick(self) -> bool:
        """Whether nothing has to run out before it ends."""
        return (
            self.wall is None
            and not self.slow
            and not {Outcome.TIMEOUT, Outcome.CPU_TIMEOUT} & set(self.allowed)
        )

    def check(self, source: str) -> Check:
        """What is judged, of ``source`` with all that is planted filled in."""
        if self.kind == "python_function":
            return FunctionCheck(source, "f", self.test or "assert f(3) == 9")
        if self.kind == "java_function":
            return JavaCheck(source, _MAIN % (self.test or "new Solution().f(3) == 9"))
        return ProgramCheck(self.kind.removesuffix("_program"), source, "3\n", "9")

    def __str__(self) -> str:
        return f"{self.kind}-{self.name}"


def read(path: Path) -> Hostile:
    """One file. Raises ValueError that names it and what its comment lacks."""
    text = path.read_text()
    said = dict(_LINE.findall(text))
    lacking = [key for key in _KEYS[:3] if not said.get(key)]
    how = re.match(r"(?:#|//) (?!\w+: )\S", text)
    if lacking or not how or not re.match(r"itself(, as root)?$|none: .", said["twin"]):
        raise ValueError(
            f"{path}: expected how it works, layer, allowed and twin; lacks {lacking or 'a good one'}"
        )
    return Hostile(
        kind=path.parent.name,
        name=path.stem,
        source=_numbered(text),
        layer=said["layer"],
        allowed=tuple(Outcome(word) for word in said["allowed"].split(", ")),
        twin=said["twin"],
        test=said.get("test", ""),
        wall=float(said["wall"]) if "wall" in said else None,
        slow="slow" in said,
    )


def _numbered(text: str) -> str:
    """System calls by their number on this machine, negative where it has no such call."""
    library = libseccomp()
    return re.sub(r"\bNR_(\w+)", lambda m: str(library.resolve_syscall(library.Arch.NATIVE, m[1])), text)


def _possible(hostile: Hostile) -> bool:
    return not re.search(r"syscall\(-", hostile.source)  # another processor has not every call


SUITE = tuple(filter(_possible, map(read, sorted(FOLDER.glob("*/*.*")))))
