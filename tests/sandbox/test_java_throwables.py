"""No Throwable of java.* that a solution throws, wherever it throws it, is taken for a pass."""

import os
import shutil
import struct
import time
from collections.abc import Iterator

import pytest

from astraios_ray.records import Outcome
from astraios_ray.sandbox.bubblewrap import Bubblewrap
from astraios_ray.sandbox.java_host import JavaHost
from astraios_ray.sandbox.java_image import jdk_root
from astraios_ray.sandbox.protocol import JavaCheck
from astraios_ray.sandbox.warm_jail import become_nobody
from tests.sandbox.java_throwables import MAIN, PLACES, solution, throwables
from tests.sandbox.suite import LIMITS

ALL = bool(os.environ.get("ASTRAIOS_RAY_ALL_TESTS"))
EACH_NAME, EACH_PLACE = (1, 1) if ALL else (12, 100)  # every so many names are thrown
pytestmark = pytest.mark.skipif(shutil.which("jlink") is None, reason="no JDK is installed")
WITHOUT_CAUSE = "java.lang.ExceptionInInitializerError"  # it once passed
WRAPPERS = (
    *(WITHOUT_CAUSE, "java.lang.reflect.InvocationTargetException", "java.lang.ThreadDeath"),
    *("java.lang.reflect.UndeclaredThrowableException", "java.util.concurrent.CompletionException"),
    *("java.util.concurrent.ExecutionException", "java.lang.OutOfMemoryError", "java.lang.AssertionError"),
)
VERDICTS = {Outcome.RUNTIME_ERROR, Outcome.FAILED, Outcome.MEMORY}


@pytest.mark.parametrize("number", range(len(PLACES)), ids=list(PLACES).__getitem__)
def test_what_a_solution_throws_there_never_passes(sandbox: Bubblewrap, number: int) -> None:
    place = list(PLACES)[number]
    of_base = [name for module, name in throwables() if module == "java.base"]
    names = list(dict.fromkeys([WITHOUT_CAUSE, *of_base[number::EACH_PLACE]]))
    checks = [JavaCheck(solution(place, name), MAIN) for name in names]
    ends = dict(zip(names, sandbox.run_checks(checks, LIMITS), strict=True))
    assert {name: end for name, end in ends.items() if end.outcome not in VERDICTS} == {}
    assert len(names) > 1
    if place == "a method":
        assert [name for name, end in ends.items() if name not in end.detail] == []


def text(letters: str) -> bytes:
    """A text as Wire.java writes it."""
    return struct.pack(">I", len(letters)) + letters.encode("utf-16-be")


def raised(name: str) -> bytes:
    """What a solution's JVM answers where it raised ``name``."""
    words = b"".join(b"s" + text(word) for word in (name, "x"))
    return b"x" + b"A" + text("java.lang.String") + struct.pack(">I", 2) + words


@pytest.fixture(scope="module")
def host(sandbox: Bubblewrap) -> Iterator[JavaHost]:
    one = JavaHost(jdk_root(become_nobody()))
    yield one
    one.close()


HANDLE = b"v" + b"I" + struct.pack(">i", 0)
ODD = (
    "astraios.Wall$Gone",
    "astraios.Host",
    "java.lang.Object",
    "java.lang.Void",
    "[I",
    "int",
    "",
    "x" * 999,
)


def judgement(host: JavaHost, answers: list[bytes]) -> str:
    """What the host says of a solution that answers so, one after another."""
    host.compiled("C", "class Solution { Object f(int x) { return x; } }", MAIN)
    host.tell("G")
    while (message := host.hear(time.monotonic() + 20))[:1] == b"Q":
        host.tell("A", answers.pop(0))
    return message.decode()


def test_a_name_that_a_solution_answers_never_passes(host: JavaHost) -> None:
    """By name alone, as a solution that writes its answers itself could raise what its JVM has not."""
    names = [*[name for _, name in throwables()][::EACH_NAME], *WRAPPERS, *ODD]
    for name in names:
        for place in ("constructor", "method"):
            answers = [raised(name)] if place == "constructor" else [HANDLE, raised(name)]
            said = judgement(host, answers)
            assert said.startswith("Vruntime_error\n"), (name, place, said)
    assert judgement(host, [HANDLE, b"v" + b"I" + struct.pack(">i", 9)]) == "Vpassed\n"
    assert len(names) > 25
