"""Level 3: untrusted Python functions inside bubblewrap, user namespaces and seccomp.

What it prevents: the program under test sees no test and no verdict, since these are in another process with
namespaces of its own, and only data crosses; the kernel reports how it ended. The program has no
network, no vsock, no other process, no host file but Python itself and no /proc. It has an environment of our
own and an empty bounded /tmp that no other process ever sees. It cannot fork or exec, and its time, memory,
disk, threads and descriptors are bounded.

What it does not prevent: attacks on the kernel itself and CPU side channels. Without control groups memory is
bounded for each process and not for a jail. A value that jail/values.py does not know cannot cross between a
function and its test.
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
from astraios_ray.sandbox.kinds import judged
from astraios_ray.sandbox.lending import FindRoot
from astraios_ray.sandbox.packages import NONE, Packages
from astraios_ray.sandbox.policy import DEFAULT, LEVEL, Policy
from astraios_ray.sandbox.pool import WARM, AnyWarm
from astraios_ray.sandbox.protocol import Check, Execution, Limits
from astraios_ray.sandbox.roots import program, python_root, with_packages
from astraios_ray.sandbox.self_test import check_language
from astraios_ray.sandbox.warm_jail import become_nobody


@dataclass(frozen=True)
class Bubblewrap:
    """The default sandbox, a plain value: running jails belong to the process, and its threads share them.

    A jail is replaced after ``checks_per_jail`` checks.
    """

    checks_per_jail: int = 500
    policy: Policy = DEFAULT
    packages: Packages = NONE

    def run_checks(self, checks: Sequence[Check], limits: Limits) -> list[Execution]:
        """See Sandbox. Warm jails serve all checks; each check has fresh processes."""
        require_platform()
        return [judged(check, limits, self._lend) for check in checks]

    def check(self) -> None:
        """Judge one right and one wrong program like all others.

        Raises SandboxUnavailable, which names what is missing and how to get it.
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
            "policy": self.policy.hash(LEVEL, self.packages),
            "kernel": platform.release(),
            "bubblewrap": _bubblewrap_version(),
            "libseccomp": seccomp.libseccomp_version(),
            "cgroup": available(),
            "python": find_interpreter(become_nobody()).version,
            "packages": " ".join(self.packages.versions) or "none",
        }

    def _lend(
        self, kind: type[AnyWarm], root: FindRoot, warm: tuple[str, ...] = ()
    ) -> AbstractContextManager[AnyWarm]:
        as_user = become_nobody()
        shown = root(as_user)
        if root is python_root:
            shown = with_packages(shown, self.packages, as_user, warm)
        return WARM.lend(kind, shown, self.policy, self.checks_per_jail)


def close_jails() -> None:
    """End the idle jails of this process. New ones start on demand."""
    WARM.close()


def require_platform() -> None:
    """Raises SandboxUnavailable when level 3 is impossible: not Linux, or an unsupported processor."""
    if not sys.platform.startswith("linux") or not supported_machine():
        raise SandboxUnavailable(
            f"Programs are isolated on Linux on x86_64 or aarch64 only; this is {sys.platform} "
            f"on {platform.machine()}."
        )


def _bubblewrap_version() -> str:
    process = subprocess.run(
        [program("bwrap", "bubblewrap"), "--version"], capture_output=True, text=True, check=True
    )
    return process.stdout.split()[-1]


def _advice(message: str) -> str:
    if re.search(r"namespace|uid map|Operation not permitted", message):
        return (
            "User namespaces are refused here. On your own machine: "
            "`sysctl kernel.unprivileged_userns_clone=1` (Debian) or "
            "`sysctl kernel.apparmor_restrict_unprivileged_userns=0` (Ubuntu). In a container: "
            "start it with `--security-opt seccomp=unconfined --security-opt apparmor=unconfined`."
        )
    return ""
