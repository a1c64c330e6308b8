"""The judge that reads what ``gcc -fanalyzer`` warns of, in the sandbox."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from astraios_ray.records import Outcome
from astraios_ray.sandbox.protocol import CompileCheck, Limits, Sandbox
from astraios_ray.tasks.security.finding import Finding
from astraios_ray.tasks.security.program_judge import Findings
from astraios_ray.tasks.security.weakness import Weakness

# not optimised: else gcc leaves out what it sees has no effect, such as a second free, before it looks
FLAGS = ("-g", "-O0", "-fanalyzer", "-Wuse-after-free", "-fdiagnostics-plain-output", "-c")
_SILENCED = re.compile(r"pragma\s+GCC\s+(diagnostic|system_header)|_Pragma")
_WARNING = re.compile(
    r"^[^:\n]+:(\d+):\d+: warning: (.*?) \[(?:CWE-\d+\] \[)?-W([\w-]+)[^\]]*\]$", re.MULTILINE
)
_WARNINGS = {  # of GCC 12; by the CodeQL query whose weakness they name
    "MissingNullTest": (
        *("analyzer-possible-null-dereference", "analyzer-possible-null-argument"),
        *("analyzer-null-dereference", "analyzer-null-argument"),
    ),
    "UseAfterFree": (
        "analyzer-use-after-free",
        "analyzer-double-free",
        "analyzer-double-fclose",
        "use-after-free",
    ),
}


@dataclass(frozen=True)
class GccAnalyzer:
    """CWE-476 and CWE-416: a pointer that may be NULL, and one that was freed."""

    name: str = "gcc_analyzer"
    version: str = ""

    def covers(self, weakness: Weakness) -> bool:
        """Whether gcc has warnings for it."""
        return weakness.language == "c" and weakness.name in _WARNINGS

    def look(self, weakness: Weakness, sources: Sequence[str], sandbox: Sandbox) -> Sequence[Findings | None]:
        """The warnings on each source; None where gcc did not get to its end, or was told to be silent."""
        ends = sandbox.run_checks([CompileCheck("c", source, FLAGS) for source in sources], Limits())
        wanted = _WARNINGS[weakness.name]
        return [
            None
            if end.outcome is not Outcome.PASSED or _SILENCED.search(source)
            else tuple(warnings(end.output, wanted))
            for source, end in zip(sources, ends, strict=True)
        ]


def warnings(output: str, wanted: Sequence[str]) -> list[Finding]:
    """The warnings of these names in what gcc said."""
    return [
        Finding(int(line), f"{said} (-W{name})")
        for line, said, name in _WARNING.findall(output)
        if name in wanted
    ]
