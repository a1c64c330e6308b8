"""Syntax trees that several threads ask for at once, and that no other file makes one."""

import gc
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from astraios_ray.python_syntax import syntax_tree

ROOT = Path(__file__).parents[1]
SOURCE = "\n".join(
    f"def f{n}(a, b):\n    return [x + {n} for x in a if (b or x) and g(h(k(x, [1, {{2: (3, 4)}}])))]"
    for n in range(60)
)


class Garbage:
    """A circle whose finalizer runs Python, so that the thread that collects it may be switched."""

    def __init__(self) -> None:
        self.circle = self

    def __del__(self) -> None:
        for _ in range(50):
            pass


@pytest.fixture
def often_switched() -> Iterator[None]:
    interval, thresholds = sys.getswitchinterval(), gc.get_threshold()
    sys.setswitchinterval(1e-6)
    gc.set_threshold(20)
    yield
    sys.setswitchinterval(interval)
    gc.set_threshold(*thresholds)


def _functions_of_many_trees(_thread: int) -> list[int]:
    counts = []
    for _ in range(40):
        for _ in range(30):
            Garbage()
        counts.append(len(syntax_tree(SOURCE).body))
    return counts


@pytest.mark.usefixtures("often_switched")
def test_threads_make_trees_at_the_same_time() -> None:
    with ThreadPoolExecutor(4) as threads:
        counts = list(threads.map(_functions_of_many_trees, range(4)))
    assert counts == [[60] * 40] * 4


def test_what_is_no_python_raises_as_ast_does() -> None:
    with pytest.raises(SyntaxError):
        syntax_tree("def f(:")


def test_no_other_file_makes_a_syntax_tree() -> None:
    files = [path for folder in ("astraios_ray", "evaluators") for path in (ROOT / folder).rglob("*.py")]
    makers = {path.relative_to(ROOT).as_posix() for path in files if "ast.parse(" in path.read_text()}
    in_a_jail = "astraios_ray/sandbox/jail/imports.py"  # a process of its own, with one thread
    assert makers == {"astraios_ray/python_syntax.py", in_a_jail}
