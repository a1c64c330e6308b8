"""A module that root runs: it becomes a user without rights, runs the quick programs and prints the outcomes.

Files that this user cannot read, such as this checkout, are read before.
"""

import concurrent.futures.thread  # noqa: F401  # imported by the first jail, too late for the user it is then
import json
import os
import shutil
import sys

from astraios_ray.sandbox.bubblewrap import Bubblewrap, close_jails
from astraios_ray.sandbox.java_image import find_java
from astraios_ray.sandbox.policy import jail_texts
from tests.sandbox.bait import planted
from tests.sandbox.suite import SUITE

_NOBODY = 65534
_JAVA = shutil.which("jlink") is not None
_STEPS = {"python_function": 1, "python_program": 1, "c_program": 4, "java_function": 20, "java_program": 5}
_AVAILABLE = {"c": shutil.which("gcc"), "java": _JAVA, "python": True}
PROGRAMS = [
    hostile
    for kind, step in _STEPS.items()
    for hostile in [program for program in SUITE if program.kind == kind and program.quick][::step]
    if _AVAILABLE[kind.split("_")[0]]
]


def main() -> None:
    """Prints ``{"outcomes": […], "taken": […]}``."""
    jail_texts()
    if _JAVA:
        find_java()
    os.setgroups([])
    os.setresgid(_NOBODY, _NOBODY, _NOBODY)
    os.setresuid(_NOBODY, _NOBODY, _NOBODY)
    with planted() as bait:
        ends = [
            Bubblewrap().run_checks([hostile.check(bait.fill(hostile.source))], hostile.limits)[0]
            for hostile in PROGRAMS
        ]
        close_jails()
        reached = bait.reached() + [end.detail for end in ends if bait.secret in end.detail]
    json.dump({"outcomes": [end.outcome for end in ends], "taken": reached}, sys.stdout)


if __name__ == "__main__":
    main()
