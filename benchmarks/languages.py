"""The cost of judging programs in our sandbox, by language, against compiling and running them plainly.

The baseline of Java is a javac and a java for every sample, with the JDK's own fast settings; that of C
is gcc and the binary. The same sources, all on all cores, in alternation and in one run; every verdict is
checked. For the warm Java compiler the baseline is the target itself. C++, JavaScript, Go and Rust have a
file of their own, ``benchmarks/unit_tests.py``.
"""

import os
import subprocess
import tempfile
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from statistics import median
from time import monotonic

from astraios_ray.records import Outcome
from astraios_ray.sandbox.bubblewrap import Bubblewrap
from astraios_ray.sandbox.many import check_many
from astraios_ray.sandbox.protocol import Check, CompileCheck, JavaCheck, Limits, ProgramCheck
from benchmarks.results import Case, write_results
from benchmarks.unit_tests import PLAIN, unit_tests

CORES = len(os.sched_getaffinity(0))
ROUNDS = 3
LIMITS = Limits(wall_seconds=60.0)
IMPORTS = "import java.util.*;\nimport java.lang.*;\n"
SOLUTION = IMPORTS + (
    "class Solution {{ public List<Integer> f(List<Integer> x) {{ "
    "List<Integer> y = new ArrayList<>(x); {sort} y.size(); return y; }} /* {n} */ }}\n"
)
MAIN = IMPORTS + (
    "public class Main { public static void main(String[] a) {"
    " if (!new Solution().f(List.of(3, 1, 2)).equals(List.of(1, 2, 3))) throw new AssertionError(); } }\n"
)
C = (
    "#include <stdio.h>\n"
    'int main(void) {{ int x; scanf("%d", &x); printf("%d\\n", x * {factor}); return {n} * 0; }}\n'
)


def main() -> None:
    """Run all, print the ratios, write them down."""
    java_ours, java, c_ours, c = (median(one) for one in zip(*(_round() for _ in range(ROUNDS)), strict=True))
    javac = _javac()
    unit_tested = []
    for language, rounds in unit_tests(ROUNDS).items():
        plain, ours = (median(seconds) for seconds in zip(*rounds, strict=True))
        unit_tested.append(_case(f"{language}_vs_plain", plain, ours, 1.0, PLAIN[language].limit))
    cases = [
        *unit_tested,
        _case("java_vs_javac_and_java", java, java_ours, 5.0, "one JVM's start and end"),
        _case("c_vs_gcc_without_walls", c, c_ours, 0.8, "gcc itself: what is over 1 is our overhead"),
        _case("javac_warm", 0.1, javac, 1.0, "-"),
    ]
    print(f"written to {write_results(cases)}")
    for case in cases:
        print(f"{case.case:30} {case.ours:.4g} {case.unit}; baseline {case.baseline:.4g}: {case.ratio:.2f}x")


def _case(name: str, baseline: float, ours: float, target: float, limit: str) -> Case:
    return Case(name, baseline, ours, "s of wall time a check", baseline / ours, target, limit)


def _round() -> tuple[float, float, float, float]:
    return (
        _timed(partial(_judged, _java_check), 40),
        _timed(partial(_in_threads, _javac_and_java), 8),
        _timed(partial(_judged, _c_check), 40),
        _timed(partial(_in_threads, _gcc_and_run), 40),
    )


def _timed(way: Callable[[Sequence[int]], list[bool]], count: int) -> float:
    """Seconds of wall time a check. Every second program is correct."""
    started = monotonic()
    passed = way(range(count))
    seconds = (monotonic() - started) / count
    assert passed == [n % 2 == 0 for n in range(count)], "a wrong verdict"
    return seconds


def _judged(make: Callable[[int], Check], numbers: Sequence[int]) -> list[bool]:
    ends = check_many(Bubblewrap(), [make(n) for n in numbers], CORES, LIMITS)
    return [end.outcome is Outcome.PASSED for end in ends]


def _in_threads(way: Callable[[int], bool], numbers: Sequence[int]) -> list[bool]:
    with ThreadPoolExecutor(CORES) as pool:
        return list(pool.map(way, numbers))


def _solution(n: int) -> str:
    return SOLUTION.format(sort="Collections.sort(y);" if n % 2 == 0 else "", n=n)


def _java_check(n: int) -> Check:
    return JavaCheck(_solution(n), MAIN)


def _javac_and_java(n: int) -> bool:
    fast = ("-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-Xshare:auto")
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "Solution.java").write_text(_solution(n))
        (Path(folder) / "Main.java").write_text(MAIN)
        flags = [f"-J{flag}" for flag in fast]
        _run(["javac", *flags, "Solution.java", "Main.java"], folder).check_returncode()
        return _run(["java", *fast, "-cp", folder, "Main"], folder).returncode == 0


def _c_check(n: int) -> Check:
    return ProgramCheck("c", C.format(factor=2 - n % 2, n=n), "4\n", "8\n")


def _gcc_and_run(n: int) -> bool:
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "program.c").write_text(C.format(factor=2 - n % 2, n=n))
        _run(["gcc", "-O1", "-o", "program", "program.c"], folder).check_returncode()
        return _run([f"{folder}/program"], folder, stdin="4\n").stdout == "8\n"


def _run(command: Sequence[str], folder: str, stdin: str = "") -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command, cwd=folder, input=stdin, capture_output=True, text=True, check=False, timeout=60
    )


def _javac(count: int = 40) -> float:
    """Seconds for one class in the warm compiler, the median of the last half."""
    source = "import java.util.*; class Solution {{ List<Integer> f(int x) {{ return List.of(x, {n}); }} }}"
    checks = [CompileCheck("java", source.format(n=n)) for n in range(count)]
    ends = Bubblewrap().run_checks(checks, LIMITS)
    assert {end.outcome for end in ends} == {Outcome.PASSED}
    return median(end.wall_seconds for end in ends[count // 2 :])


if __name__ == "__main__":
    main()
