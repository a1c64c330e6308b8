"""Plant targets for hostile programs, and see whether one of them was reached."""

import ctypes
import os
import re
import secrets
import socket
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

SECRETS = ("MLFLOW_TRACKING_PASSWORD", "HF_TOKEN", "AWS_SECRET_ACCESS_KEY", "RAY_AUTH_TOKEN")
_CONTENT = "untouched"
_libc = ctypes.CDLL(None, use_errno=True)
_CREATE, _REMOVE = 0o1000, 0  # IPC_CREAT, IPC_RMID


@dataclass(frozen=True)
class Bait:
    """Listeners, a file that every user can write, shared memory, and a secret in our environment."""

    values: Mapping[str, str]  # of the placeholders in the sources
    listeners: tuple[socket.socket, ...]
    file: Path
    secret: str

    def fill(self, source: str) -> str:
        """``source`` with the values of the planted targets."""
        return re.sub("PLANTED_[A-Z]+", lambda name: self.values[name[0]], source)

    def reached(self) -> list[str]:
        """The names of the targets that were reached."""
        addresses = [str(listener.getsockname()) for listener in self.listeners if _visited(listener)]
        return addresses + ([str(self.file)] if self.file.read_text() != _CONTENT else [])


@contextmanager
def planted() -> Iterator[Bait]:
    """Plant all targets, and remove them at the end. A jail that started before does not see the secret."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="bait-")))
        folder.chmod(0o755)
        file, path, name = folder / "canary", folder / "socket", f"bait-{secrets.token_hex(8)}"
        file.write_text(_CONTENT)
        file.chmod(0o666)
        listeners = tuple(stack.enter_context(socket.socket(family)) for family in (socket.AF_INET, *_UNIX))
        addresses: tuple[tuple[str, int] | str, ...] = (("127.0.0.1", 0), str(path), f"\0{name}")
        for listener, address in zip(listeners, addresses, strict=True):
            listener.bind(address)
            listener.listen()
            listener.setblocking(False)
        path.chmod(0o777)
        key = stack.enter_context(_shared_memory())
        secret = stack.enter_context(_secret())
        port = listeners[0].getsockname()[1]
        values = {"PORT": port, "FILE": file, "SOCKET": path, "NAME": name, "KEY": key}
        yield Bait({f"PLANTED_{k}": str(v) for k, v in values.items()}, listeners, file, secret)


_UNIX = (socket.AF_UNIX, socket.AF_UNIX)


@contextmanager
def _shared_memory() -> Iterator[int]:
    key = secrets.randbelow(1 << 30) + 1
    segment = _libc.shmget(key, 4096, _CREATE | 0o666)
    try:
        yield key
    finally:
        _libc.shmctl(segment, _REMOVE, None)


@contextmanager
def _secret() -> Iterator[str]:
    secret = f"secret-{secrets.token_hex(16)}"
    old_values = {name: os.environ.get(name) for name in SECRETS}
    os.environ.update(dict.fromkeys(SECRETS, secret))
    try:
        yield secret
    finally:
        for name, value in old_values.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value


def _visited(listener: socket.socket) -> bool:
    try:
        listener.accept()[0].close()
    except BlockingIOError:
        return False
    return True
