"""Starts or joins Ray safely: a new cluster unless an address is given, with a token and private files."""

import logging
import os
import shutil
import tempfile
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

import psutil

from astraios_ray.errors import ConfigError, RayUnavailable
from astraios_ray.importing import EAGER

LOG = logging.getLogger(__name__)
QUIET = {
    "RAY_AIR_NEW_OUTPUT": "0",
    "RAY_IGNORE_UNHANDLED_ERRORS": "1",  # of Tune trials and lanes; Tune and Ray Train handle them
    "TUNE_DISABLE_AUTO_CALLBACK_LOGGERS": "1",  # results are in our journal
    "TUNE_DISABLE_SIGINT_HANDLER": "1",  # Ctrl-C is ours: the journal is always saved
    "TUNE_GLOBAL_CHECKPOINT_S": "86400",  # a study resumes from its journal, not from Tune's checkpoint
    "TUNE_WARN_EXCESSIVE_EXPERIMENT_CHECKPOINT_SYNC_THRESHOLD_S": "0",
    "RAY_TRAIN_ENABLE_STATE_TRACKING": "0",
    "RAY_TRAIN_WORKER_GROUP_START_TIMEOUT_S": "1800",  # a machine that a cluster starts takes minutes
    "RAY_TRAIN_ENABLE_PREEMPTION_WATCHER": "0",  # a process per lane that lanes do not need
}
for _name, _value in (QUIET | EAGER).items():
    os.environ.setdefault(_name, _value)
LANE_ENVIRONMENT = {_name: os.environ[_name] for _name in EAGER}  # on whatever machine it runs

import ray  # noqa: E402  (it reads the settings above when it is imported)

from astraios_ray.on_ray.ray_private import ended_processes  # noqa: E402  (it imports ray)

PREFIX = "astraios-"  # of Ray's folders; the process id and a random part follow
_folders: list[str] = []
_address_info: dict[str, Any] = {}  # of the cluster that this process started

SOCKET_BYTES = 107  # the longest path of a unix socket on Linux
SOCKET = "/session_2026-12-31_23-59-59_123456_{pid}/sockets/dash_TaskEventsHead"  # Ray's longest
OURS = f"/{PREFIX}{{pid}}-12345678/r"
HERE = "Ray could not be started here: {words}. To train without it: `backend` local"
THERE = "No Ray cluster could be joined: {words}. To see whether it runs: ray status --address {address}"
SPARE_CPUS = 1  # logical ones, for Tune trials and judges beside lanes that keep every core busy


def start(address: str | None, *, cpus: int, sandboxes: int) -> Mapping[str, Any]:
    """Connect to the cluster at ``address``, or start one here that ends with this process.

    A local cluster listens on the loopback address where Ray allows it, and keeps its files in a new private
    folder. Never joins a cluster that happens to run on this machine, but uses the one that this process
    has started before.
    """
    logging.getLogger("ray").setLevel(logging.ERROR)
    logging.getLogger("ray.tune").setLevel(logging.CRITICAL)  # the search reports its failures
    if address:
        return _connected(THERE, address=address)
    if not (_address_info and ray.is_initialized()):
        info = _connected(
            HERE,
            address="local",
            num_cpus=cpus + SPARE_CPUS,
            resources={"sandbox": sandboxes},
            include_dashboard=True,
            dashboard_host="127.0.0.1",
            _temp_dir=_temp_dir(),
        )
        _protect_token()
        _address_info.update(info)
    return dict(_address_info)


def _connected(message: str, **options: Any) -> Mapping[str, Any]:
    """Ray's description of the cluster that it joins or starts. Raises RayUnavailable for any error."""
    try:
        context = ray.init(log_to_driver=False, configure_logging=False, namespace="astraios-ray", **options)
    except Exception as error:  # of many kinds, some over several lines
        words = " ".join(f"{type(error).__name__}: {error}".split()).rstrip(".")
        raise RayUnavailable(message.format(words=words, **options), arguments=["backend"]) from error
    return dict(context.address_info)


def ended() -> str:
    """What ended by itself of the cluster that ``start`` started, in words; empty where all of it runs."""
    names = " and ".join(ended_processes())
    return f"Ray's {names} ended" if names and _address_info else ""


def stop() -> None:
    """Leave the cluster. One that ``start`` started ends, and its files are removed."""
    _address_info.clear()  # first: from here on an end is no loss
    ray.shutdown()
    while _folders:
        shutil.rmtree(_folders.pop(), ignore_errors=True)


def _temp_dir() -> str:
    """A folder for Ray inside a private one, since Ray opens its folder to everybody.

    Where ``TMPDIR`` is too long for Ray's sockets, another place is used. Raises ConfigError when none fits.
    """
    room = SOCKET_BYTES - len((OURS + SOCKET).format(pid=os.getpid()))
    places = [tempfile.gettempdir(), "/tmp", f"/run/user/{os.getuid()}", "/dev/shm"]
    for place in places:
        if len(os.fsencode(place)) > room:
            LOG.warning("%s is too long for Ray's sockets (%d characters at most).", place, room)
            continue
        with suppress(OSError):
            folder = _private_folder(Path(place))
            if place != places[0]:
                LOG.warning("Ray keeps its files in %s.", folder)
            return str(folder / "r")
    raise ConfigError(
        f"TMPDIR: {places[0]} has {len(os.fsencode(places[0]))} characters; Ray's sockets need a folder of "
        f"at most {room} that can be written. Nor can {', '.join(places[1:])}. Set TMPDIR to such a folder."
    )


def _private_folder(place: Path) -> Path:
    """A new private folder in ``place``. Removes the folders that killed searches of this user left there."""
    for stale in place.glob(f"{PREFIX}*-*"):
        owner = stale.name.removeprefix(PREFIX).partition("-")[0]
        if owner.isdecimal() and not psutil.pid_exists(int(owner)) and stale.stat().st_uid == os.getuid():
            shutil.rmtree(stale, ignore_errors=True)
    _folders.append(tempfile.mkdtemp(prefix=f"{PREFIX}{os.getpid()}-", dir=place))
    return Path(_folders[-1])


def _protect_token() -> None:
    """Make Ray's token readable for this user alone; Ray writes it readable for everybody."""
    token = Path("~/.ray/auth_token").expanduser()
    if token.exists():
        token.chmod(0o600)
