"""Search over fine-tuning methods for code language models, on Ray.

The names in ``HOMES`` are the Python API. ``import astraios_ray as ar`` loads nothing heavy: a function is
imported when it is first used.
"""

import logging
import sys
import warnings
from importlib import import_module
from types import ModuleType
from typing import TYPE_CHECKING, Any

from astraios_ray import errors as errors

__version__ = "0.1.0"

HOMES = {  # name -> the module that has it
    "Run": "studies.run",
    "TrialRow": "studies.trial_rows",
    "best": "studies.best",
    "compare": "studies.compare",
    "doctor": "studies.doctor",
    "evaluate": "studies.evaluate",
    "explain": "studies.explain",
    "export": "studies.export",
    "first_points": "studies.best",
    "judge": "studies.judge",
    "list_evaluators": "studies.evaluators",
    "list_methods": "studies.methods",
    "list_models": "studies.models",
    "list_transformations": "studies.perturb",
    "load_exported": "trial.exported",
    "ood": "studies.ood",
    "open_run": "studies.run",
    "perturb": "studies.perturb",
    "plan": "studies.plan",
    "reproduce": "studies.reproduce",
    "schema": "config.schema",
    "score": "studies.score",
    "search": "studies.search",
    "show_evaluator": "studies.evaluators",
    "status": "studies.status",
    "write_report": "studies.report",
}
__all__ = ["__version__", "errors", *HOMES]

if TYPE_CHECKING:  # the same names for type checkers
    from astraios_ray.config.schema import schema as schema
    from astraios_ray.studies.best import best as best
    from astraios_ray.studies.best import first_points as first_points
    from astraios_ray.studies.compare import compare as compare
    from astraios_ray.studies.doctor import doctor as doctor
    from astraios_ray.studies.evaluate import evaluate as evaluate
    from astraios_ray.studies.evaluators import list_evaluators as list_evaluators
    from astraios_ray.studies.evaluators import show_evaluator as show_evaluator
    from astraios_ray.studies.explain import explain as explain
    from astraios_ray.studies.export import export as export
    from astraios_ray.studies.judge import judge as judge
    from astraios_ray.studies.methods import list_methods as list_methods
    from astraios_ray.studies.models import list_models as list_models
    from astraios_ray.studies.ood import ood as ood
    from astraios_ray.studies.perturb import list_transformations as list_transformations
    from astraios_ray.studies.perturb import perturb as perturb
    from astraios_ray.studies.plan import plan as plan
    from astraios_ray.studies.report import write_report as write_report
    from astraios_ray.studies.reproduce import reproduce as reproduce
    from astraios_ray.studies.run import Run as Run
    from astraios_ray.studies.run import open_run as open_run
    from astraios_ray.studies.score import score as score
    from astraios_ray.studies.search import search as search
    from astraios_ray.studies.status import status as status
    from astraios_ray.studies.trial_rows import TrialRow as TrialRow
    from astraios_ray.trial.exported import load_exported as load_exported
else:

    def __getattr__(name: str) -> Any:
        if name not in HOMES:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        return getattr(import_module(f"{__name__}.{HOMES[name]}"), name)

    def __dir__() -> list[str]:
        return sorted(__all__)


class _Package(ModuleType):
    """Keeps the name ``search`` for the function: Python would bind the room ``search`` to it on import."""

    @property
    def search(self) -> Any:
        return import_module(f"{__name__}.{HOMES['search']}").search

    @search.setter
    def search(self, room: ModuleType) -> None:
        pass


sys.modules[__name__].__class__ = _Package

# others advise to install what nothing here uses: bitsandbytes on some CPUs, tqdm in notebooks
logging.getLogger("bitsandbytes.backends.cpu.ops").setLevel(logging.ERROR)
warnings.filterwarnings("ignore", message="IProgress not found")
