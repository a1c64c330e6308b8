"""Choose the sandbox: level 3, unless the user explicitly asks for a weaker one."""

from astraios_ray.errors import ConfigError, SandboxUnavailable
from astraios_ray.sandbox.bubblewrap import Bubblewrap
from astraios_ray.sandbox.packages import DEFAULT, NONE, Packages, find_packages
from astraios_ray.sandbox.protocol import Sandbox
from astraios_ray.sandbox.warm_jail import become_nobody
from astraios_ray.sandbox.without_namespaces import WithoutNamespaces

KINDS = ("bubblewrap", "landlock")


def choose_sandbox(
    kind: str = "bubblewrap", consent: str | None = None, name: str = "", python: str = DEFAULT
) -> Sandbox:
    """The sandbox of this kind. ``consent`` to no sandbox must be the ``name`` of the judged study or task.

    ``python`` says which packages programs can import: ``default``, ``numpy`` or the folder of a virtual
    environment. Raises ConfigError for another consent, kind or folder.
    """
    if kind not in KINDS:
        raise ConfigError(
            f"`sandbox`: found {kind!r}; there are {' and '.join(KINDS)}.", arguments=["sandbox"]
        )
    packages = packages_here(python)
    if consent is not None:
        if consent != name:
            raise ConfigError(
                f"`consent`={consent}: expected the name of what is judged, {name!r}. Its programs could "
                "then read, change and send whatever this user can.",
                arguments=["consent"],
            )
        return WithoutNamespaces(level=1, packages=packages)
    return (
        WithoutNamespaces(level=2, packages=packages) if kind == "landlock" else Bubblewrap(packages=packages)
    )


def packages_here(python: str = DEFAULT) -> Packages:
    """The packages that a setting means on this machine. Raises ConfigError where it means none."""
    try:
        return find_packages(python, become_nobody())
    except SandboxUnavailable:
        if python != DEFAULT:
            raise
        return NONE  # nothing runs here: a sandbox says why when it is used
