"""Choose the sandbox: level 3, unless the user explicitly asks for a weaker one."""

from astraios_ray.errors import ConfigError
from astraios_ray.sandbox.bubblewrap import Bubblewrap
from astraios_ray.sandbox.protocol import Sandbox
from astraios_ray.sandbox.without_namespaces import WithoutNamespaces

KINDS = ("bubblewrap", "landlock")


def choose_sandbox(kind: str = "bubblewrap", consent: str | None = None, name: str = "") -> Sandbox:
    """The sandbox of this kind. ``consent`` to no sandbox must be the ``name`` of the judged study or task.

    Raises ConfigError for another consent, and for another kind.
    """
    if kind not in KINDS:
        raise ConfigError(
            f"`sandbox`: found {kind!r}; there are {' and '.join(KINDS)}.", arguments=["sandbox"]
        )
    if consent is not None:
        if consent != name:
            raise ConfigError(
                f"`consent`={consent}: expected the name of what is judged, {name!r}. Its programs could "
                "then read, change and send whatever this user can.",
                arguments=["consent"],
            )
        return WithoutNamespaces(level=1)
    return WithoutNamespaces(level=2) if kind == "landlock" else Bubblewrap()
