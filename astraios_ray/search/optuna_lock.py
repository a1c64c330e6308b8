"""The lock of Optuna's file, which takes nothing: a search already holds its run folder.

Optuna's own is a link beside the file, made and renamed at every line. On a full or broken disk that ended in
a RuntimeError.
"""


class RunFolderHeld:
    """Has the methods of Optuna's locks."""

    def acquire(self) -> bool:
        """Say that the file is free."""
        return True

    def release(self) -> None:
        """Do nothing."""
