"""What a use case shows while it runs. A program may have a display of its own."""

from typing import Protocol

from astraios_ray.search.progress import Progress


class Display(Protocol):
    """Shows a running study. Writes to its stream only; standard output is for the result."""

    def update(self, progress: Progress) -> None:
        """Show the newest progress of the study. It must be cheap, since it is called often."""

    def note(self, text: str) -> None:
        """Say ``text`` once, beside the progress."""

    def close(self) -> None:
        """Show what is still to be shown, and give the stream back. May be called twice."""
