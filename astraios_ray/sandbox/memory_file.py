"""Bytes as a file of no folder, for another process to read."""

import os


def memory_file(content: bytes) -> int:
    """A descriptor of a file in memory, open for reading only: else it could not be run."""
    writing = os.memfd_create("astraios-ray")
    with open(writing, "wb") as file:
        file.write(content)
        file.flush()
        return os.open(f"/proc/self/fd/{writing}", os.O_RDONLY)
