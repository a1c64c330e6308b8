"""What a search tells the process that started it, and that starts it again where Ray ended it."""

import json
import os
from contextlib import suppress
from dataclasses import dataclass


@dataclass
class ParentPipe:
    """The pipe to the parent of this process."""

    descriptor: int | None = None
    folder_is_fresh: bool = False  # a child before this one has set the old run folder aside

    def tell(self, **facts: object) -> bool:
        """Tell the parent ``facts``. False where there is none."""
        if self.descriptor is None:
            return False
        with suppress(BrokenPipeError):
            os.write(self.descriptor, json.dumps(facts).encode() + b"\n")
        return True


PARENT = ParentPipe()
