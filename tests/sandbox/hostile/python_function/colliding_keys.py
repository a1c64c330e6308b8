# A dictionary whose keys all have one hash: whoever rebuilds it compares each with all before it, for minutes.
# Written past the candidate's own code, which would have to build it too.
#
# layer: RLIMIT_CPU of the checker, wall clock
# allowed: cpu_timeout, timeout
# twin: none: nothing is denied
# wall: 1.5

import os
import struct
import time


def number(value):
    content = value.to_bytes((value.bit_length() + 8) // 8, "big", signed=True)
    return b"i" + struct.pack(">I", len(content)) + content


def f(x):
    pairs = [number(k * ((1 << 61) - 1)) + b"N" for k in range(1, 40000)]
    table = b"D" + struct.pack(">I", 2 * len(pairs)) + b"".join(pairs)
    frame = b"AU\0\0\0\3" + b"s\0\0\0\5value" + table + b"U\0\0\0\0"
    whole = struct.pack(">I", len(frame)) + frame
    while whole:
        whole = whole[os.write(3, whole) :]
    time.sleep(60)
