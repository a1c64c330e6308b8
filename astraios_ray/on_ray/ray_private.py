"""All that this package uses of Ray beyond its public interface. A test notices when Ray changes any of it.

tests/on_ray/test_ray_private.py says for each part what to do then. No other file may use such a part.
"""

from typing import Any

import grpc
import ray
from ray._private import services, worker
from ray._private.gcs_utils import create_gcs_channel
from ray._private.ray_constants import PROCESS_TYPE_GCS_SERVER, PROCESS_TYPE_RAYLET
from ray.train.v2.api import data_parallel_trainer as ray_train

NEEDLESS = (
    "DatasetsCallback",  # hands out shards of Ray Data's datasets; a lane reads its rows without Ray Data
    "PlacementGroupCleanerCallback",  # for a controller that died; its lane is given up and not replaced
)


class LeanTrainer(ray_train.DataParallelTrainer):
    """Ray Train's DataParallelTrainer without two actors that a lane does not use. A subclass waits for it.

    Each of the two actors imports Ray Train for 2 to 3 CPU-seconds before the lane starts.
    """

    def wait_for(self, run: Any) -> None:
        """Return when ``run``, the reference to the run's end, is ready; an exception leaves the run."""
        ray.wait([run])

    def _create_default_callbacks(self) -> list[Any]:
        """Ray Train's callbacks but those in NEEDLESS. Ray Train has no public setting for them.

        In a version that names them otherwise the lane starts later and works as before.
        """
        callbacks: list[Any] = super()._create_default_callbacks()
        return [callback for callback in callbacks if type(callback).__name__ not in NEEDLESS]

    def _initialize_and_run_controller(self, **parts: Any) -> Any:
        """Run the controller as Ray Train does, whose lines these are, but wait by ``wait_for``.

        Ray Train waits in one call without a time limit.
        """
        node = {ray._raylet.RAY_NODE_ID_KEY: ray.get_runtime_context().get_node_id()}
        environment = ray_train.get_env_vars_to_propagate()
        environment.setdefault("RAY_WARN_BLOCKING_GET_INSIDE_ASYNC", "0")
        actor: Any = ray.remote(num_cpus=0, label_selector=node, runtime_env={"env_vars": environment})
        controller = actor(ray_train.TrainController).remote(**parts)
        run = controller.run.remote()
        self.wait_for(run)
        ray.get(run)
        return ray.get(controller.get_result.remote())


def keep_idle_actors(tune_controller: Any, resources: Any, count: int) -> None:
    """Have Tune keep up to ``count`` idle actors with ``resources`` for the next trials.

    By default Tune keeps one. At a rung, where all trials pause, it ends the other actors and starts new
    ones; it ends one of these too when another actor becomes idle before the new one is up. A search of 28
    trials used 17 processes with the default and 3 with this. Tune has no public setting for it; in a version
    without this cache the search is slower and has the same results.
    """
    cache = getattr(getattr(tune_controller, "_tune_controller", None), "_actor_cache", None)
    if cache is not None:
        cache.increase_max(resources, by=count)


def cause_of(failure: Exception) -> Exception:
    """The exception of a worker's code, without the traceback that Ray Train wraps it in."""
    cause: Exception = getattr(failure, "_base_exc", failure)
    return cause


def ended_processes() -> list[str]:
    """The GCS and the raylet that this process started, where they have ended."""
    node = getattr(worker, "_global_node", None)
    ended = node.dead_processes() if node else []
    return [name for name, _ in ended if name in (PROCESS_TYPE_GCS_SERVER, PROCESS_TYPE_RAYLET)]


def automatic_address() -> str:
    """What the address ``auto`` means here: $RAY_ADDRESS, or the cluster that was started on this machine.

    Raises ConnectionError where there is none.
    """
    return str(services.get_ray_address_from_environment("auto", None))


def speaks_grpc(address: str, seconds: float) -> bool:
    """Whether a gRPC server answers at ``address``, as Ray's does, with the user's settings for TLS."""
    channel = create_gcs_channel(address)
    try:
        grpc.channel_ready_future(channel).result(seconds)
    except grpc.FutureTimeoutError:
        return False
    finally:
        channel.close()
    return True
