"""Start or join Ray, safely: an own cluster unless an address is given, token authentication, own files."""

import logging
import os
import shutil
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import psutil

from astraios_ray.importing import EAGER

QUIET = {
    "RAY_AIR_NEW_OUTPUT": "0",
    "TUNE_DISABLE_AUTO_CALLBACK_LOGGERS": "1",  # results are in our journal
    "TUNE_DISABLE_SIGINT_HANDLER": "1",  # Ctrl-C is ours: the journal is always saved
    "TUNE_GLOBAL_CHECKPOINT_S": "86400",  # Tune's snapshot is not what a study resumes from
    "TUNE_WARN_EXCESSIVE_EXPERIMENT_CHECKPOINT_SYNC_THRESHOLD_S": "0",
    "RAY_TRAIN_ENABLE_STATE_TRACKING": "0",
    "RAY_TRAIN_WORKER_GROUP_START_TIMEOUT_S": "1800",  # a machine that a cluster starts takes minutes
    "RAY_TRAIN_ENABLE_PREEMPTION_WATCHER": "0",  # a process per lane; a lost lane's work is handed out again
}
for _name, _value in (QUIET | EAGER).items():
    os.environ.setdefault(_name, _value)
LANE_ENVIRONMENT = {_name: os.environ[_name] for _name in EAGER}  # on whatever machine it runs

import ray  # noqa: E402  (it reads the settings above when it is imported)

PREFIX = "astraios-"  # of Ray's folders; then the process, then something new
_folders: list[str] = []
_own: dict[str, Any] = {}  # what is to be known of the cluster that was started here

SPARE_CPUS = 1  # logical ones, for go-betweens and judges beside lanes that keep every core busy


def start(address: str | None, *, cpus: int, sandboxes: int) -> Mapping[str, Any]:
    """Connect to the cluster at ``address``, or start one here that ends with this process.

    A local cluster listens on the loopback address where Ray lets us choose, and keeps its files in a new
    folder of its own. Never joins a cluster that merely happens to run on this machine; one that this
    process has started here already is kept.
    """
    logging.getLogger("ray").setLevel(logging.ERROR)
    common = {"log_to_driver": False, "configure_logging": False, "namespace": "astraios-ray"}
    if address:
        return dict(ray.init(address=address, **common).address_info)
    if not (_own and ray.is_initialized()):
        context = ray.init(
            address="local",
            num_cpus=cpus + SPARE_CPUS,
            resources={"sandbox": sandboxes},
            include_dashboard=True,
            dashboard_host="127.0.0.1",
            _temp_dir=_temp_dir(),
            **common,
        )
        _protect_token()
        _own.update(context.address_info)
    return dict(_own)


def stop() -> None:
    """Leave the cluster; one that ``start`` started ends, and what it kept for itself is removed."""
    ray.shutdown()
    _own.clear()
    while _folders:
        shutil.rmtree(_folders.pop(), ignore_errors=True)


def _temp_dir() -> str:
    """A folder of our own. Short, since Ray puts unix sockets below it (107 characters at most).

    Removes the folders of searches that were killed: those of this user whose process is gone.
    """
    place = Path(tempfile.gettempdir())
    for stale in place.glob(f"{PREFIX}*-*"):
        owner = stale.name.removeprefix(PREFIX).partition("-")[0]
        if owner.isdecimal() and not psutil.pid_exists(int(owner)) and stale.stat().st_uid == os.getuid():
            shutil.rmtree(stale, ignore_errors=True)
    _folders.append(tempfile.mkdtemp(prefix=f"{PREFIX}{os.getpid()}-", dir=place))
    return _folders[-1]


def _protect_token() -> None:
    """Ray writes its token readable for everybody; make it ours alone."""
    token = Path("~/.ray/auth_token").expanduser()
    if token.exists():
        token.chmod(0o600)
