"""Importing torch and what builds on it, in two thirds of the time."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager

# Environment variables to set before torch is imported: nothing in this package is compiled. peft imports
# bitsandbytes, which wraps one function in torch.compile and so imports torch's compilers. That takes
# 2 CPU-seconds, and bitsandbytes' layers never call the function: they have their own kernels.
EAGER = {"TORCHDYNAMO_DISABLE": "1"}


@contextmanager
def swift_imports() -> Iterator[None]:
    """Turn the garbage collector off inside, and hide the imported objects from it afterwards.

    Imports make a million objects, none of them garbage; the collector would scan them again and again.
    """
    collecting = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        if collecting:
            gc.enable()
