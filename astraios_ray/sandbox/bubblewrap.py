"""Level 3: untrusted Python functions inside bubblewrap, user namespaces and seccomp.

Holds, against the program under test: it sees no test and no verdict, since these are in another process
with namespaces of its own, and only plain values cross; how it ended is told by the kernel; no network, no
vsock, no other process, no host file but Python itself, no /proc, an environment of our own, an empty
bounded /tmp that nobody else ever sees; no fork, no exec; bounded time, memory, disk, threads, descriptors.

Does not hold: attacks on the kernel itself, CPU side channels, memory beyond the address-space limit of each
process (there is no cgroup). Only functions are judged, and arguments and results are copies of plain values:
a function that changes its argument in place, or returns a generator, fails a test that asks for that.
"""

import platform
import re
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from astraios_ray.errors import SandboxError, SandboxUnavailable
from astraios_ray.records import Outcome, Value
from astraios_ray.sandbox import policy, seccomp
from astraios_ray.sandbox.base import Check, Execution, FunctionCheck, Limits
from astraios_ray.sandbox.interpreter import find_interpreter
from astraios_ray.sandbox.jail.confine import supported_machine
from astraios_ray.sandbox.pool import JailPool
from astraios_ray.sandbox.warm_jail import become_nobody, program

_MAX_SOURCE = 1 << 20  # bytes of one program

_RIGHT = FunctionCheck("def twice(x):\n    return 2 * x\n", "twice", "assert twice(4) == 8")
_WRONG = replace(_RIGHT, source="def twice(x):\n    return x\n")


_POOL = JailPool()


@dataclass(frozen=True)
class Bubblewrap:
    """The default sandbox. A plain value: running jails belong to the process and are shared by its threads.

    ``checks_per_jail``: a jail is replaced after that many checks.
    """

    checks_per_jail: int = 500

    def run_checks(self, checks: Sequence[Check], limits: Limits) -> list[Execution]:
        """See Sandbox. One jail for all of them, two fresh processes for each."""
        require_platform()
        return [self._check(check, limits) for check in checks]

    def check(self) -> None:
        """Judge one right and one wrong program the way all are judged.

        Raises SandboxUnavailable that names what is missing and how to get it.
        """
        require_platform()
        try:
            ends = self.run_checks([_RIGHT, _WRONG], Limits())
        except SandboxError as error:
            raise SandboxUnavailable(f"{error} {_advice(str(error))}") from error
        outcomes = [end.outcome for end in ends]
        if outcomes != [Outcome.PASSED, Outcome.FAILED]:
            raise SandboxUnavailable(
                f"A right and a wrong program were judged {', '.join(outcomes)} instead of passed, failed."
            )

    def describe(self) -> Mapping[str, Value]:
        """Level, versions and policy hash. Raises SandboxUnavailable when a part is missing."""
        require_platform()
        return {
            "kind": "bubblewrap",
            "level": policy.LEVEL,
            "policy": policy.policy_hash(),
            "kernel": platform.release(),
            "bubblewrap": _bubblewrap_version(),
            "libseccomp": seccomp.libseccomp_version(),
            "python": find_interpreter(become_nobody()).version,
        }

    def _check(self, check: Check, limits: Limits) -> Execution:
        if not isinstance(check, FunctionCheck):
            raise SandboxUnavailable(f"Only Python functions are judged, not a {type(check).__name__}.")
        if len(check.source) > _MAX_SOURCE:
            return Execution(Outcome.LOAD_ERROR, f"a program of {len(check.source)} characters")
        with _POOL.jail(self.checks_per_jail) as jail:
            return jail.check(check, limits)


def close_jails() -> None:
    """End this process's idle jails. They start again when needed."""
    _POOL.close()


def require_platform() -> None:
    """Raises SandboxUnavailable where no level 3 can be: not Linux, or a processor we have no numbers for."""
    if not sys.platform.startswith("linux") or not supported_machine():
        raise SandboxUnavailable(
            f"Programs are isolated on Linux on x86_64 or aarch64 only; this is {sys.platform} "
            f"on {platform.machine()}."
        )


def _bubblewrap_version() -> str:
    said = subprocess.run(
        [program("bwrap", "bubblewrap"), "--version"], capture_output=True, text=True, check=True
    )
    return said.stdout.split()[-1]


def _advice(message: str) -> str:
    if re.search(r"namespace|uid map|Operation not permitted", message):
        return (
            "User namespaces are refused here. On your own machine: "
            "`sysctl kernel.unprivileged_userns_clone=1` (Debian) or "
            "`sysctl kernel.apparmor_restrict_unprivileged_userns=0` (Ubuntu). In a container: "
            "start it with `--security-opt seccomp=unconfined --security-opt apparmor=unconfined`."
        )
    return "`astraios-ray doctor` looks closer."
