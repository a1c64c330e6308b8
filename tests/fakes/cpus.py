"""CPUs as bitsandbytes sees them, whatever CPU runs the tests."""

from collections.abc import Iterator
from contextlib import contextmanager

import bitsandbytes.nn.modules
import pytest


@contextmanager
def cpu_with_avx512_bf16(supported: bool) -> Iterator[None]:
    """Make new layers of bitsandbytes believe that the CPU has AVX512-BF16, or has not."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(bitsandbytes.nn.modules, "has_avx512bf16", lambda: supported)
        yield
