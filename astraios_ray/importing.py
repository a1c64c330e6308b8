"""Importing torch and what builds on it, in two thirds of the time."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager

# For the environment, before torch is imported: nothing here is compiled. bitsandbytes, which peft imports,
# wraps a function in torch.compile, which imports torch's compilers: 2 CPU-seconds for a function that its
# layers do not call on the CPU nor on a GPU, where they have kernels of their own.
EAGER = {"TORCHDYNAMO_DISABLE": "1"}


@contextmanager
def swift_imports() -> Iterator[None]:
    """Collect no garbage inside: a module's million objects are looked through again and again while more are
    made, and none of them is garbage. Nor are they looked through afterwards.
    """
    collecting = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        if collecting:
            gc.enable()
