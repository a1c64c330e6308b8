"""Seconds to judge a function of C++, JavaScript, Go and Rust: plainly, and in our sandbox.

Plainly is how the evaluation harness does it: program and test in one file, compiled and run by the
toolchain, go with a warm cache, rustc without cargo. A problem has twenty programs, as in the paper, so our
test is compiled once for twenty. Programs are the project's own row, half of them its buggy solution.
"""

import json
import os
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from time import monotonic

from astraios_ray.config.content import resolve
from astraios_ray.records import Outcome
from astraios_ray.sandbox.bubblewrap import Bubblewrap
from astraios_ray.sandbox.languages.unit_tested import UNIT_TESTED
from astraios_ray.sandbox.many import check_many
from astraios_ray.sandbox.protocol import Limits, UnitTestCheck
from astraios_ray.tasks.humanevalpack_unit_tests import UNIT_TESTED as RULES

CORES = len(os.sched_getaffinity(0))
SAMPLES = 20
PLAIN_SAMPLES = 8
LIMITS = Limits(wall_seconds=120.0)
_CPP_HEADERS = ("algorithm", "cmath", "numeric", "vector", "set", "map", "queue", "stack", "list", "deque")
_CPP_MORE = ("boost/any.hpp", "string", "climits", "cstring", "iostream", "sstream", "fstream")
_JS_ASSERT = "console.assert = (holds) => { if (!holds) process.exitCode = 1; };\n"


@dataclass(frozen=True)
class Plain:
    """The files of one program and its test, the commands, and what bounds our ratio."""

    program: str
    files: Callable[[UnitTestCheck], Mapping[str, str]]
    commands: tuple[tuple[str, ...], ...]
    limit: str


def _one_file(name: str, start: str = "") -> Callable[[UnitTestCheck], Mapping[str, str]]:
    return lambda check: {name: f"{start}{check.source}\n{check.test}"}


PLAIN = {
    "cpp": Plain(
        "g++",
        _one_file(
            "a.cpp",
            "".join(f"#include<{name}>\n" for name in (*_CPP_HEADERS, *_CPP_MORE)) + "using namespace std;\n",
        ),
        (("g++", "-std=c++11", "-w", "a.cpp", "-o", "a"), ("./a",)),
        "g++ itself, which reads the precompiled header",
    ),
    "js": Plain(
        "node", _one_file("a.js", _JS_ASSERT), (("node", "a.js"),), "two starts of node for each program"
    ),
    "go": Plain(
        "go",
        lambda check: {"a.go": check.source, "a_test.go": check.test},
        (("go", "test", "a.go", "a_test.go"),),
        "compiling and linking",
    ),
    "rust": Plain(
        "rustc",
        _one_file("a.rs"),
        (("/usr/bin/rustc", "-Awarnings", "-Clinker=gcc", "--test", "a.rs", "-o", "a"), ("./a",)),
        "rustc itself",
    ),
}


def unit_tests(rounds: int) -> Mapping[str, list[tuple[float, float]]]:
    """Seconds of wall time a program, plainly and by us, for each round and language that is installed."""
    seconds: dict[str, list[tuple[float, float]]] = {}
    with tempfile.TemporaryDirectory() as cache:
        for language in (name for name in UNIT_TESTED if shutil.which(PLAIN[name].program)):
            plain, judged = partial(_plainly, language, cache), partial(_judged, language)
            plain(2), judged(2)  # caches and prepared folders are filled
            seconds[language] = [
                (_timed(plain, PLAIN_SAMPLES), _timed(judged, SAMPLES)) for _ in range(rounds)
            ]
    return seconds


def _timed(way: Callable[[int], list[bool]], count: int) -> float:
    start = monotonic()
    passed = way(count)
    seconds = (monotonic() - start) / count
    assert passed == [number % 2 == 0 for number in range(count)], "a wrong verdict"
    return seconds


def _checks(language: str, count: int) -> Iterator[UnitTestCheck]:
    """Programs that differ, every second of them buggy."""
    text = resolve("rows", f"humanevalpack_{language}").read_text().splitlines()[1]
    row = json.loads(text)
    mark = f"{os.getpid()} {monotonic()}"
    for number in range(count):
        solution = row[("canonical_solution", "buggy_solution")[number % 2]]
        yield RULES[language].check(row, f"{row['prompt']}{solution}\n/* {number} of {mark} */\n")


def _judged(language: str, count: int) -> list[bool]:
    ends = check_many(Bubblewrap(), list(_checks(language, count)), CORES, LIMITS)
    return [end.outcome is Outcome.PASSED for end in ends]


def _plainly(language: str, cache: str, count: int) -> list[bool]:
    with ThreadPoolExecutor(CORES) as pool:
        return list(pool.map(partial(_passes, PLAIN[language], cache), _checks(language, count)))


def _passes(plain: Plain, cache: str, check: UnitTestCheck) -> bool:
    environment = {
        "GO111MODULE": "off",
        "GOPATH": "/usr/share/gocode",
        "GOCACHE": f"{cache}/go",
        "GOFLAGS": "",
    }
    with tempfile.TemporaryDirectory() as folder:
        for name, text in plain.files(check).items():
            (Path(folder) / name).write_text(text)
        run = partial(
            subprocess.run, cwd=folder, env={**os.environ, **environment}, capture_output=True, check=False
        )
        return all(run(command).returncode == 0 for command in plain.commands)
