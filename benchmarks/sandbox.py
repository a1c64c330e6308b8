"""The cost of judging a Python function in our sandbox, against two usual ways that isolate nothing.

The baselines are structures, written anew: a Manager and a Process for every program, forked from threads of
a process that has torch and a model in memory (bigcode-evaluation-harness, custom_metrics/execute.py); and a
fresh interpreter for every program. All run the same programs with the imports of HumanEvalPack before them,
correct and wrong ones in turns, on all cores, in alternation and in one run; every verdict is
checked. Seconds of wall time depend on other work, and all wait for a core in other ways. CPU time holds
beside it. For our CPU time alone and for throughput through Ray the baseline is the target itself.
"""

import multiprocessing
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from statistics import median
from time import monotonic

import psutil
import torch

from astraios_ray.records import Completion, Outcome, Verdict
from astraios_ray.sandbox.bubblewrap import Bubblewrap, close_jails
from astraios_ray.sandbox.many import check_many
from astraios_ray.sandbox.protocol import FunctionCheck, Limits
from astraios_ray.tasks.humanevalpack import IMPORTS
from benchmarks.results import Case, write_results

CORES = len(os.sched_getaffinity(0))
HARNESS_THREADS = 4  # its default, num_workers
MODEL_GIB = 1.0
ROUNDS = 3
TEST = "\ndef check(candidate):\n    assert candidate([3, 1, 2]) == [1, 2, 3]\n\ncheck(f)\n"
RIGHT = IMPORTS + "\ndef f(x: List[int]) -> List[int]:\n    return sorted(x) + [{n}][:0]\n"
WRONG = IMPORTS + "\ndef f(x: List[int]) -> List[int]:\n    return x + [{n}][:0]\n"
LIMITS = Limits(wall_seconds=60.0)


def main() -> None:
    """Run all, print the ratios, write them down."""
    model = torch.ones(int(MODEL_GIB * 2**30 / 4))
    ours, harness, fresh = (median(one) for one in zip(*(_round() for _ in range(ROUNDS)), strict=True))
    harness_cpu = _cpu_seconds(partial(_in_threads, _managed, HARNESS_THREADS), 16)
    del model
    fresh_cpu = _cpu_seconds(partial(_in_threads, _fresh, CORES), 40)
    cpu, through_ray = _cpu_seconds(partial(_ours, jobs=1), 400), _through_ray()
    cases = [
        _case("sandbox_vs_harness_structure", harness, ours, 30.0, "two forks and their ends, ms"),
        _case("sandbox_vs_fresh_interpreter", fresh, ours, 5.0, "two forks and their ends, ms"),
        _cpu_case("sandbox_vs_harness_structure_cpu", harness_cpu, cpu, 30.0),
        _cpu_case("sandbox_vs_fresh_interpreter_cpu", fresh_cpu, cpu, 5.0),
        _case(
            "sandbox_cpu", 10.0, 1000 * cpu, 1.0, "two forks, ms", unit="CPU ms a check, baseline: the target"
        ),
        _case("sandbox_through_ray", 1 / 100, through_ray, 1.0, "cores / CPU time of a check"),
    ]
    print(f"written to {write_results(cases)}")
    for case in cases:
        print(f"{case.case:30} {case.ours:.4g} {case.unit}; baseline {case.baseline:.4g}: {case.ratio:.1f}x")


def _case(
    name: str, baseline: float, ours: float, target: float, limit: str, unit: str = "s of wall time a check"
) -> Case:
    return Case(name, baseline, ours, unit, baseline / ours, target, limit)


def _cpu_case(name: str, baseline: float, ours: float, target: float) -> Case:
    return _case(name, 1000 * baseline, 1000 * ours, target, "two forks, ms", unit="CPU ms a check")


def _round() -> tuple[float, float, float]:
    """Seconds of wall time per check: ours, the harness's structure, a fresh interpreter."""
    ours = _timed(_ours, 300)
    harness = _timed(partial(_in_threads, _managed, HARNESS_THREADS), 16)
    ours_again = _timed(_ours, 300)
    fresh = _timed(partial(_in_threads, _fresh, CORES), 40)
    return (ours + ours_again) / 2, harness, fresh


def _programs(count: int) -> list[str]:
    return [(RIGHT if n % 2 == 0 else WRONG).format(n=n) for n in range(count)]


def _timed(way: Callable[[Sequence[str]], list[bool]], count: int) -> float:
    started = monotonic()
    passed = way(_programs(count))
    seconds = (monotonic() - started) / count
    assert passed == [n % 2 == 0 for n in range(count)], "a wrong verdict"
    return seconds


def _ours(programs: Sequence[str], jobs: int = CORES) -> list[bool]:
    checks = [FunctionCheck(program, "f", TEST) for program in programs]
    return [end.outcome is Outcome.PASSED for end in check_many(Bubblewrap(), checks, jobs, LIMITS)]


def _in_threads(way: Callable[[str], bool], threads: int, programs: Sequence[str]) -> list[bool]:
    with ThreadPoolExecutor(threads) as pool:
        return list(pool.map(way, programs))


def _managed(program: str) -> bool:
    with multiprocessing.Manager() as manager:
        messages = manager.list()
        process = multiprocessing.get_context("fork").Process(target=_say, args=(program + TEST, messages))
        process.start()
        process.join(60)
        return list(messages) == ["passed"]


def _say(program: str, messages: list[str]) -> None:
    try:
        exec(program, {})
        messages.append("passed")
    except BaseException as error:  # any error of the program
        messages.append(repr(error))


def _fresh(program: str) -> bool:
    command = [sys.executable, "-I", "-c", program + TEST]
    return subprocess.run(command, capture_output=True, check=False, timeout=60).returncode == 0


def _cpu_seconds(way: Callable[[Sequence[str]], list[bool]], count: int) -> float:
    """CPU seconds per check of all processes, jails included."""
    close_jails()
    start = _spent()
    _timed(way, count)
    return (_spent() - start) / count


def _spent() -> float:
    """CPU seconds of this process, of those that it has started, and of all that these have reaped."""
    processes = [psutil.Process(), *psutil.Process().children(recursive=True)]
    return float(sum(sum(process.cpu_times()[:4]) for process in processes))


def _through_ray(problems: int = 40) -> float:
    """Seconds of wall time per check, once the judges are warm."""
    from astraios_ray.evaluation.judging import judge_all
    from astraios_ray.on_ray import cluster
    from astraios_ray.on_ray.ray_judge import RayJudge

    cluster.start(None, cpus=CORES, sandboxes=CORES)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "sorting.py"
        path.write_text(_EVALUATOR.format(problems=problems, test=TEST))
        warm = [Completion(f"p{n}", 0, "    return [1, 2, 3]\n") for n in range(problems)]
        judge_all(path, warm, Bubblewrap(), RayJudge())
        bodies = [program.split(":\n", 1)[1] for program in _programs(20)]
        completions = [Completion(f"p{n}", k, body) for n in range(problems) for k, body in enumerate(bodies)]
        started = monotonic()
        verdicts: list[Verdict] = judge_all(path, completions, Bubblewrap(), RayJudge())
        seconds = monotonic() - started
    assert [item.outcome is Outcome.PASSED for item in verdicts] == [True, False] * (len(completions) // 2)
    return seconds / len(completions)


_EVALUATOR = """
from astraios_ray.evaluation.evaluator import Evaluator, Problem
from astraios_ray.evaluation.functional import judge_functions

class Sorting(Evaluator):
    name = "sorting"
    stop = ()
    def problems(self):
        answer = {{"declaration": "def f(x):\\n", "test": {test!r}, "entry_point": "f"}}
        return [Problem(f"p{{n}}", "", answer) for n in range({problems})]
    def judge(self, problem, completions, sandbox):
        return judge_functions(problem, completions, sandbox)

evaluator = Sorting()
"""


if __name__ == "__main__":
    main()
