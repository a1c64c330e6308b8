"""Bytes as a file in memory, which another process can read."""

import os


def memory_file(content: bytes) -> int:
    """A descriptor of a file in memory, open only for reading, since a writable file cannot be executed."""
    writing = os.memfd_create("astraios-ray")
    with open(writing, "wb") as file:
        file.write(content)
        file.flush()
        return os.open(f"/proc/self/fd/{writing}", os.O_RDONLY)
