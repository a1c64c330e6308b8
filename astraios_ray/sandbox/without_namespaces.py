"""Levels 2 and 1, for machines that refuse namespaces: only Python, and only on request.

Level 2 uses Landlock and seccomp: a program reads only Python's own files, writes nothing, reaches no network
and acts on no other process. docs/sandbox.md says what it still allows. Level 1 has only limits of resources.
Tests and programs run in two processes at both levels, with plain values between them.
"""

import platform
import sys
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace

from astraios_ray.errors import SandboxUnavailable
from astraios_ray.records import Value
from astraios_ray.sandbox import seccomp
from astraios_ray.sandbox.interpreter import find_interpreter
from astraios_ray.sandbox.jail import landlock
from astraios_ray.sandbox.kinds import judged
from astraios_ray.sandbox.landlock_policy import POLICIES
from astraios_ray.sandbox.lending import FindRoot
from astraios_ray.sandbox.packages import NONE, Packages
from astraios_ray.sandbox.policy import Policy
from astraios_ray.sandbox.pool import WARM, AnyWarm
from astraios_ray.sandbox.protocol import Check, Execution, Limits
from astraios_ray.sandbox.roots import python_root, with_packages
from astraios_ray.sandbox.self_test import check_language
from astraios_ray.sandbox.warm_jail import become_nobody

KINDS = {2: "landlock", 1: "unsandboxed"}


@dataclass(frozen=True)
class WithoutNamespaces:
    """A sandbox of level 2 or 1, as a plain value."""

    level: int
    checks_per_jail: int = 500
    policy: Policy | None = None  # in place of the level's own
    packages: Packages = NONE

    def run_checks(self, checks: Sequence[Check], limits: Limits) -> list[Execution]:
        """See Sandbox. Raises SandboxUnavailable for other languages than Python."""
        self._require()
        return [judged(check, limits, self._lend) for check in checks]

    def check(self) -> None:
        """See Sandbox."""
        check_language(self, "python")

    def describe(self) -> Mapping[str, Value]:
        """See Sandbox."""
        self._require()
        walls: dict[str, Value] = {"landlock": landlock.abi(), "libseccomp": seccomp.libseccomp_version()}
        return {
            "kind": KINDS[self.level],
            "level": self.level,
            "policy": self._policy.hash(self.level, self.packages),
            "kernel": platform.release(),
            **(walls if self.level == 2 else {}),
            "python": find_interpreter(become_nobody()).version,
            "packages": " ".join(self.packages.versions) or "none",
        }

    @property
    def _policy(self) -> Policy:
        return self.policy or POLICIES[self.level]

    def _require(self) -> None:
        if not sys.platform.startswith("linux"):
            raise SandboxUnavailable(f"Programs are run on Linux only; this is {sys.platform}.")
        if self.level == 2 and landlock.abi() < landlock.OLDEST_ABI:
            raise SandboxUnavailable(
                f"`sandbox`=landlock: kernel {platform.release()} offers Landlock ABI {landlock.abi()}; "
                f"needed is {landlock.OLDEST_ABI}: Linux 6.12 or newer, with landlock among its `lsm`.",
                arguments=["sandbox"],
            )

    def _lend(
        self, kind: type[AnyWarm], root: FindRoot, warm: tuple[str, ...] = ()
    ) -> AbstractContextManager[AnyWarm]:
        if root is not python_root:
            raise SandboxUnavailable(
                "Only Python is judged below level 3; for other languages: `sandbox`=bubblewrap.",
                arguments=["sandbox"],
            )
        as_user = become_nobody()
        shown = with_packages(root(as_user), self.packages, as_user, warm)
        return WARM.lend(kind, replace(shown, level=self.level), self._policy, self.checks_per_jail)
