# Memory that was the zygote's, or the checker's, may still hold it. Looks for the beginning of the test, and only
# then at what follows, so that it does not find itself.
#
# layer: tests never enter this process, or an ancestor of it
# allowed: failed, crash
# twin: none: nothing is denied

import ctypes

libc = ctypes.CDLL(None)
BEGINNING = b"assert f(3)"


def f(x):
    here = id(object()) & ~0xFFFFF
    for start in range(here - (8 << 20), here + (8 << 20), 4096):
        if libc.mincore(ctypes.c_void_p(start), 4096, ctypes.create_string_buffer(1)) != 0:
            continue
        page = ctypes.string_at(start, 4096)
        place = page.find(BEGINNING)
        while place >= 0:
            if page[place + len(BEGINNING) :].lstrip().startswith(b"=="):
                return 9
            place = page.find(BEGINNING, place + 1)
    return 0
