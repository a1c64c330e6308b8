"""Level 3: untrusted Python functions inside bubblewrap, user namespaces and seccomp.

Holds, against the program under test: it sees no test and no verdict, since these are in another process
with namespaces of its own, and only plain values cross; how it ended is told by the kernel; no network, no
vsock, no other process, no host file but Python itself, no /proc, an environment of our own, an empty
bounded /tmp that nobody else ever sees; no fork, no exec; bounded time, memory, disk, threads, descriptors.

Does not hold: attacks on the kernel itself, CPU side channels. Where no control group can be made, memory is
bounded for each process and not for a jail. Arguments and results of functions are copies of plain values:
one that changes its argument in place, or returns a generator, fails a test that asks for that.
"""

import platform
import re
import subprocess
import sys
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass

from astraios_ray.errors import SandboxUnavailable
from astraios_ray.records import Value
from astraios_ray.sandbox import seccomp
from astraios_ray.sandbox.cgroup import available
from astraios_ray.sandbox.interpreter import find_interpreter
from astraios_ray.sandbox.jail.confine import supported_machine
from astraios_ray.sandbox.kinds import FindRoot, judged
from astraios_ray.sandbox.policy import DEFAULT, LEVEL, Policy
from astraios_ray.sandbox.pool import WARM, Kept
from astraios_ray.sandbox.protocol import Check, Execution, Limits
from astraios_ray.sandbox.roots import program
from astraios_ray.sandbox.self_test import check_language
from astraios_ray.sandbox.warm_jail import become_nobody


@dataclass(frozen=True)
class Bubblewrap:
    """The default sandbox. A plain value: running jails belong to the process and are shared by its threads.

    ``checks_per_jail``: a jail is replaced after that many checks.
    """

    checks_per_jail: int = 500
    policy: Policy = DEFAULT

    def run_checks(self, checks: Sequence[Check], limits: Limits) -> list[Execution]:
        """See Sandbox. Warm jails for all of them, fresh processes for each."""
        require_platform()
        return [judged(check, limits, self._lend) for check in checks]

    def check(self) -> None:
        """Judge one right and one wrong program the way all are judged.

        Raises SandboxUnavailable that names what is missing and how to get it.
        """
        try:
            check_language(self, "python")
        except SandboxUnavailable as error:
            raise SandboxUnavailable(f"{error} {_advice(str(error))}".rstrip()) from error

    def describe(self) -> Mapping[str, Value]:
        """Level, versions and policy hash. Raises SandboxUnavailable when a part is missing."""
        require_platform()
        return {
            "kind": "bubblewrap",
            "level": LEVEL,
            "policy": self.policy.hash(),
            "kernel": platform.release(),
            "bubblewrap": _bubblewrap_version(),
            "libseccomp": seccomp.libseccomp_version(),
            "cgroup": available(),
            "python": find_interpreter(become_nobody()).version,
        }

    def _lend(self, kind: type[Kept], root: FindRoot) -> AbstractContextManager[Kept]:
        return WARM.lend(kind, root(become_nobody()), self.policy, self.checks_per_jail)


def close_jails() -> None:
    """End this process's idle jails. They start again when needed."""
    WARM.close()


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
    return ""
