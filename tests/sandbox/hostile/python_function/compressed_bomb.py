# A kilobyte that becomes a gigabyte.
#
# layer: RLIMIT_AS
# allowed: memory, runtime_error, cpu_timeout, timeout
# twin: none: would take a gigabyte of the machine's memory
# wall: 0.7

import zlib

ONE = zlib.compress(bytes(1 << 24))


def f(x):
    whole = b"".join(zlib.decompress(ONE) for _ in range(40))
    return 9 if whole else 0
