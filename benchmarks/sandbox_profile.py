"""CPU milliseconds and page faults of one Python check, by process: of this checkout, or of two in turns.

``python -m benchmarks.sandbox_profile --against FOLDER`` compares with another checkout. The kernel counts
both figures for each process and for the children that it has reaped. So other work on the machine moves
faults not at all, and CPU time by a tenth or two, to which both checkouts are exposed alike.
"""

import argparse
import json
import os
import subprocess
import sys
from pathlib import Path
from statistics import median

import psutil

from astraios_ray.records import Outcome
from astraios_ray.sandbox.bubblewrap import Bubblewrap
from astraios_ray.sandbox.many import check_many
from astraios_ray.sandbox.protocol import FunctionCheck, Limits
from astraios_ray.tasks.humanevalpack import IMPORTS

TEST = "\ndef check(candidate):\n    assert candidate([3, 1, 2]) == [1, 2, 3]\n\ncheck(f)\n"
BODIES = ("sorted(x)", "x")  # right and wrong
WARMING, CHECKS = 20, 200
TICKS = os.sysconf("SC_CLK_TCK") / 1000  # in a millisecond
Figures = dict[str, float]


def main() -> None:
    """Measure and print; nothing is written."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--against", type=Path, help="a folder with another checkout")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--once", action="store_true", help="one round, of the package that is imported")
    options = parser.parse_args()
    if options.once:
        print(json.dumps(figures(CHECKS)))
        return
    checkouts = [Path(__file__).parents[1], *([options.against.resolve()] if options.against else [])]
    rounds = [[of_checkout(checkout) for checkout in checkouts] for _ in range(options.rounds)]
    for checkout, measured in zip(checkouts, zip(*rounds, strict=True), strict=True):
        medians = {name: median(one[name] for one in measured) for name in measured[0]}
        print(checkout, *(f"{name} {value:.4g}" for name, value in medians.items()), sep=" | ")


def of_checkout(checkout: Path) -> Figures:
    """The figures of one check of the package in ``checkout``, in a process of its own with one jail."""
    process = subprocess.run(
        [sys.executable, __file__, "--once"],
        env={**os.environ, "PYTHONPATH": str(checkout)},
        capture_output=True,
        text=True,
        check=True,
    )
    measured: Figures = json.loads(process.stdout)
    return measured


def figures(checks: int) -> Figures:
    """The figures of one check, of so many one after another in one jail."""
    _judge(range(WARMING))
    before = _counts()
    _judge(range(WARMING, WARMING + checks))
    spent = {name: (count - before[name]) / checks for name, count in _counts().items()}
    return {"CPU ms": sum(count for name, count in spent.items() if name.endswith("CPU ms")), **spent}


def _judge(numbers: range) -> None:
    programs = [f"{IMPORTS}\ndef f(x):\n    return {BODIES[n % 2]} + [{n}][:0]\n" for n in numbers]
    checks = [FunctionCheck(program, "f", TEST) for program in programs]
    ends = check_many(Bubblewrap(checks_per_jail=10 * CHECKS), checks, 1, Limits(wall_seconds=60.0))
    assert [end.outcome is Outcome.PASSED for end in ends] == [n % 2 == 0 for n in numbers], "a wrong verdict"


def _counts() -> Figures:
    """What was spent so far, by the supervisor, by the zygote, and by the processes that it forked."""
    supervisor = psutil.Process()
    (zygote,) = (child for child in supervisor.children(recursive=True) if child.name().startswith("python"))
    lone, reaped = _stat(zygote.pid)
    return {
        "supervisor CPU ms": _stat(supervisor.pid)[0]["CPU ms"],
        **{f"zygote {name}": count for name, count in lone.items()},
        **{f"its forks {name}": count for name, count in reaped.items()},
    }


def _stat(pid: int) -> tuple[Figures, Figures]:
    """What a process has spent itself, and what the children that it has reaped have."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    faults, reaped_faults = (int(field) for field in fields[7:9])
    user, system, reaped_user, reaped_system = (int(field) for field in fields[11:15])
    return (
        {"CPU ms": (user + system) / TICKS, "faults": faults},
        {"CPU ms": (reaped_user + reaped_system) / TICKS, "faults": reaped_faults},
    )


if __name__ == "__main__":
    main()
