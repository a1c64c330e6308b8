"""Start processes from a thread that lives as long as this process.

``bwrap --die-with-parent`` depends on the thread that started it, not on the process: the kernel kills a
sandbox when its thread ends.
"""

import os
import subprocess
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor

_threads: list[ThreadPoolExecutor] = []
os.register_at_fork(after_in_child=_threads.clear)  # a fork copies the object but not its thread


def launch(
    command: Sequence[str],
    *,
    stdin: int,
    stderr: int,
    keep: Sequence[int],
    environment: Mapping[str, str],
) -> subprocess.Popen[bytes]:
    """Start ``command`` with only this environment; it inherits the descriptors ``keep``."""
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
