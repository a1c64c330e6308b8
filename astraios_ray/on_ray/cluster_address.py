"""Tries the address of a Ray cluster for seconds; Ray tries one where nobody answers for 15 minutes."""

import socket

from astraios_ray.errors import ConfigError, RayUnavailable
from astraios_ray.on_ray import cluster  # noqa: F401  (sets what Ray reads when it is imported)
from astraios_ray.on_ray.ray_private import automatic_address, speaks_grpc

SECONDS = 5.0  # for each of the two trials
RIGHT = "HOST:PORT of the cluster's head, as `ray start --head` prints it, or auto on one of its machines"


def check_address(address: str) -> None:
    """Return when a Ray cluster answers at ``address``, HOST:PORT or auto.

    Raises ConfigError for another kind of address, and RayUnavailable, with the reason, without an answer.
    """
    host_port = _where(address)
    host, port = _parts(host_port)
    meaning = f" (auto means {host_port})" if address == "auto" else ""
    try:
        socket.create_connection((host, port), SECONDS).close()
    except OSError as error:
        reason = f"nothing answers there ({error.strerror or error})"
        raise RayUnavailable(_message(address, meaning, reason)) from error
    if not speaks_grpc(host_port, SECONDS):
        reason = "what answers there is no Ray (8265 is the dashboard's port; Ray's own is mostly 6379)"
        raise RayUnavailable(_message(address, meaning, reason))


def _where(address: str) -> str:
    """The HOST:PORT that ``auto`` means; another address as it is."""
    if address != "auto":
        return address
    try:
        return automatic_address()
    except ConnectionError as error:
        reason = "this machine runs no Ray, and RAY_ADDRESS is not set"
        raise RayUnavailable(_message(address, "", reason)) from error


def _parts(host_port: str) -> tuple[str, int]:
    host, _, port = host_port.rpartition(":")
    if "://" in host_port or not host or not port.isdecimal():
        also = " A search does not go through ray:// (Ray Client)." if "://" in host_port else ""
        raise ConfigError(f"`address`: found {host_port!r}; right is {RIGHT}.{also}", arguments=["address"])
    return host.strip("[]"), int(port)


def _message(address: str, meaning: str, reason: str) -> str:
    return f"No Ray cluster could be joined at {address}{meaning}: {reason}. Give {RIGHT}."
