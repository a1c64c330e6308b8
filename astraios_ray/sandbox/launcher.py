"""Start processes from one thread that lives as long as this process.

``bwrap --die-with-parent`` is tied to the thread that started it, not to the process: a sandbox started
from a thread that ends is killed with it.
"""

import os
import subprocess
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor

_threads: list[ThreadPoolExecutor] = []
os.register_at_fork(after_in_child=_threads.clear)  # a fork has the object but not the thread


def launch(
    command: Sequence[str],
    *,
    stdin: int,
    stderr: int,
    keep: Sequence[int],
    environment: Mapping[str, str],
) -> subprocess.Popen[bytes]:
    """Start ``command`` with no other environment; ``keep`` are the descriptors that it inherits."""
    if not _threads:
        _threads.append(ThreadPoolExecutor(max_workers=1, thread_name_prefix="sandbox-launcher"))

    def start() -> subprocess.Popen[bytes]:
        return subprocess.Popen(
            command,
            stdin=stdin,
            stdout=subprocess.DEVNULL,
            stderr=stderr,
            env=dict(environment),
            pass_fds=tuple(keep),
            start_new_session=True,
        )

    return _threads[0].submit(start).result()
