"""Each private part of Ray that is used is as it was when its use was written, and one file uses them all.

Where one of these tests fails after an update of Ray: read the part's source in the installed Ray, carry what
changed into astraios_ray/on_ray/ray_private.py, then write the new names or digests here.
"""

import ast
import hashlib
import importlib
import inspect
from collections.abc import Callable, Iterator
from pathlib import Path
from threading import Event
from types import SimpleNamespace
from typing import Any

import pytest
import ray
from ray._private import services, worker
from ray._private.gcs_utils import create_gcs_channel
from ray._private.node import Node
from ray.train import RunConfig
from ray.train.v2._internal.exceptions import UserExceptionWithTraceback
from ray.train.v2.api import data_parallel_trainer as ray_train
from ray.tune.execution import tune_controller
from ray.tune.utils.object_cache import _ObjectCache

from astraios_ray.on_ray import cluster
from astraios_ray.on_ray.lane_trainer import LaneTrainer
from astraios_ray.on_ray.lanes import serve
from astraios_ray.on_ray.ray_private import NEEDLESS, cause_of, ended_processes, keep_idle_actors

ROOT = Path(__file__).parents[2]
PRIVATE_FILE = ROOT / "astraios_ray" / "on_ray" / "ray_private.py"
INTERNAL = (
    "ray.train.v2",
    "ray.tune.execution",
    "ray.tune.utils",
    "ray.air.execution",
)  # internal by name
TRAINER = ray_train.DataParallelTrainer
REVIEWED = {  # digests of the source of functions that ray_private.py repeats, filters or replaces
    "_initialize_and_run_controller": "ea57ec4498323973",
    "_create_default_callbacks": "9148f79c7a2bbb5c",
}


def parameters(function: Callable[..., Any]) -> list[str]:
    """Their names, without the one that Ray adds to the methods of a class once it is an actor's."""
    names = [str(parameter).split(":")[0] for parameter in inspect.signature(function).parameters.values()]
    return [name for name in names if not name.startswith("_ray_trace_ctx")]


@pytest.mark.parametrize("name", REVIEWED)
def test_the_source_that_a_lane_repeats_or_filters_is_the_reviewed_one(name: str) -> None:
    digest = hashlib.sha256(inspect.getsource(getattr(TRAINER, name)).encode()).hexdigest()[:16]
    assert digest == REVIEWED[name], (
        f"Ray {ray.__version__} has another DataParallelTrainer.{name}. Read it in {ray_train.__file__}, "
        f"carry what changed into {PRIVATE_FILE.name}, then write {digest!r} here."
    )


def test_what_a_lane_calls_of_ray_train_takes_the_same_arguments() -> None:
    assert parameters(TRAINER._create_default_callbacks) == ["self"]
    assert parameters(TRAINER._initialize_and_run_controller) == ["self", "**controller_init_kwargs"]
    assert parameters(ray_train.get_env_vars_to_propagate) == []
    assert parameters(ray_train.TrainController.run) == ["self"]
    assert parameters(ray_train.TrainController.get_result) == ["self"]
    assert ray._raylet.RAY_NODE_ID_KEY == "ray.io/node-id"


def test_what_finds_and_tries_an_address_takes_the_same_arguments() -> None:
    assert parameters(services.get_ray_address_from_environment) == ["addr", "temp_dir"]
    assert parameters(create_gcs_channel) == ["address", "aio"]


def test_of_the_processes_of_a_ray_its_gcs_and_raylet_are_those_whose_end_counts(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert ended_processes() == []  # no Ray was started
    ended = [("dashboard", object()), ("gcs_server", object()), ("raylet", object())]
    monkeypatch.setattr(worker, "_global_node", SimpleNamespace(dead_processes=lambda: ended))
    assert ended_processes() == ["gcs_server", "raylet"]
    source = inspect.getsource(Node.dead_processes)
    assert "result.append((process_type, process_info.process))" in source


def names(trainer: Any) -> list[str]:
    return [type(callback).__name__ for callback in trainer._create_default_callbacks()]


def test_a_lane_starts_all_that_ray_train_starts_but_what_it_makes_no_use_of(tmp_path: Path) -> None:
    run = RunConfig(storage_path=str(tmp_path))
    usual = names(TRAINER(serve, run_config=run))
    assert set(NEEDLESS) <= set(usual)  # else Ray calls them otherwise now, and lanes start later
    ours = names(LaneTrainer(serve, leaving=Event(), run_config=run))
    assert ours == [name for name in usual if name not in NEEDLESS]


def test_tune_keeps_as_many_idle_actors_as_it_is_asked_to() -> None:
    cache: Any = _ObjectCache(may_keep_one=True)
    keep_idle_actors(SimpleNamespace(_tune_controller=SimpleNamespace(_actor_cache=cache)), "resources", 3)
    assert all(cache.cache_object("resources", number) for number in range(3))
    assert not cache.cache_object("resources", 3)
    assert parameters(_ObjectCache.increase_max) == ["self", "key", "by"]


def test_tunes_controller_keeps_its_idle_actors_under_the_names_that_are_used() -> None:
    controller = inspect.getsource(tune_controller.TuneController.__init__)
    assert "self._actor_cache = _ObjectCache(" in controller
    wrapper = inspect.getsource(tune_controller.TrialRunnerWrapper.__init__)
    assert "self._tune_controller = tune_controller" in wrapper


def test_the_exception_of_a_workers_code_is_taken_out_of_ray_trains() -> None:
    error = ValueError("of the worker's code")
    assert cause_of(UserExceptionWithTraceback(error, "its traceback")) is error
    assert cause_of(error) is error


def test_ray_still_reads_the_environment_variables_and_the_option_that_are_set() -> None:
    ray_folder = Path(str(ray.__file__)).parent
    folders = (ray_folder / name for name in ("_common", "_private", "air", "train", "tune"))
    source = "".join(path.read_text() for folder in folders for path in folder.rglob("*.py"))
    assert not {name for name in cluster.QUIET if f'"{name}"' not in source}
    assert '"_temp_dir"' in inspect.getsource(inspect.unwrap(ray.init))


def private(tree: ast.Module) -> Iterator[str]:
    """The private parts of Ray, or of any other module or object, that a file names."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (name.name for name in node.names if is_private(name.name))
        elif isinstance(node, ast.ImportFrom):
            paths = [f"{node.module}.{name.name}" for name in node.names]
            yield from (path for path in paths if is_private(path))
        elif isinstance(node, ast.Attribute) and is_hidden(node.attr):
            if not (isinstance(node.value, ast.Name) and node.value.id in ("self", "cls")):
                yield ast.unparse(node)
        elif isinstance(node, ast.Call) and ast.unparse(node.func) in ("getattr", "setattr", "hasattr"):
            yield from (str(ast.literal_eval(arg)) for arg in node.args if is_hidden_string(arg))


def is_private(path: str) -> bool:
    parts = path.split(".")
    return parts[0] == "ray" and (path.startswith(INTERNAL) or any(is_hidden(part) for part in parts))


def is_hidden(name: str) -> bool:
    return name.startswith("_") and not name.startswith("__")


def is_hidden_string(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and isinstance(node.value, str) and is_hidden(node.value)


def files_with_ray() -> Iterator[Path]:
    for folder in ("astraios_ray", "benchmarks", "evaluators"):
        for path in (ROOT / folder).rglob("*.py"):
            if "ray" in path.parts or "import ray" in (text := path.read_text()) or "from ray" in text:
                yield path


def test_no_other_file_uses_a_private_part_of_ray() -> None:
    parts = {path: list(private(ast.parse(path.read_text()))) for path in files_with_ray()}
    assert parts.pop(PRIVATE_FILE)  # else this test sees nothing
    assert not {str(path.relative_to(ROOT)): names for path, names in parts.items() if names}


def test_no_other_class_replaces_a_private_method_of_rays_classes() -> None:
    replaced = []
    for path in sorted((ROOT / "astraios_ray" / "on_ray").glob("*.py")):
        module = importlib.import_module(f"astraios_ray.on_ray.{path.stem}")
        for cls in vars(module).values():
            if inspect.isclass(cls) and cls.__module__ == module.__name__ and path != PRIVATE_FILE:
                bases = [base for base in cls.__mro__ if base.__module__.partition(".")[0] == "ray"]
                hidden = [n for n, value in vars(cls).items() if is_hidden(n) and inspect.isfunction(value)]
                replaced += [f"{cls.__name__}.{n}" for n in hidden if any(n in vars(b) for b in bases)]
    assert not replaced
