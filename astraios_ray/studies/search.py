"""Run a study, or go on with it, up to its ranked answer."""

from contextlib import ExitStack
from pathlib import Path
from typing import Literal

from astraios_ray.config.content import resolve
from astraios_ray.config.overrides import Overrides
from astraios_ray.config.read_study import load_study
from astraios_ray.displays.choose_display import display_of
from astraios_ray.displays.display import Display
from astraios_ray.errors import ConfigError
from astraios_ray.studies.ending_signals import ending_signals_restored
from astraios_ray.studies.run import Run

BackendName = Literal["ray", "local"]


def search(
    study: str | Path,
    overrides: Overrides = (),
    *,
    backend: BackendName = "ray",
    address: str | None = None,
    fresh: bool = False,
    extend: bool = False,
    sandbox: str = "bubblewrap",
    consent: str | None = None,
    progress: bool | Display = False,
) -> Run:
    """Run a study: a file, or a built-in name such as ``quickstart``. The same call again goes on.

    ``overrides`` give values of the study anew: ``{"budget.trials": 4}``. ``backend="local"`` trains in this
    process; ``address`` is an existing Ray cluster, else one starts here and ends with the search.
    ``fresh`` starts anew and renames the folder that is there; ``extend`` goes on although the budget or the
    evaluation changed. ``sandbox`` and ``consent`` are those of the command line. Nothing is printed without
    ``progress``. Raises errors of ``astraios_ray.errors``: ConfigError, StudyChanged, NothingRanked,
    Interrupted, …
    """
    if backend not in ("ray", "local"):
        raise ConfigError(
            f"`backend`: found {backend!r}; there are 'ray' and 'local'.", arguments=["backend"]
        )
    if address is not None and backend != "ray":
        raise ConfigError(
            "`address` is that of a Ray cluster: it goes with `backend` ray.",
            arguments=["address", "backend"],
        )
    file = resolve("study", study)
    config = load_study(file, overrides)  # before torch is imported: a mistake is told at once
    with ExitStack() as stack:
        stack.enter_context(ending_signals_restored())
        display = display_of(progress)
        stack.callback(display.close)
        if backend == "ray" and address is None:
            from astraios_ray.studies.parallel_start import ray_started

            stack.enter_context(ray_started())
        from astraios_ray.studies.session import Session

        session = Session(
            config,
            file,
            display,
            backend=backend,
            address=address,
            fresh=fresh,
            extend=extend,
            kind=sandbox,
            consent=consent,
        )
        with session:
            session.run()
    assert session.record
    return Run(session.record)
