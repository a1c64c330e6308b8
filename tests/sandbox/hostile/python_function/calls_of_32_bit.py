# The same processor knows a second set of calls with other numbers.
#
# layer: seccomp: foreign architecture
# allowed: security, crash
# twin: none: not every kernel and processor has them

import ctypes
import mmap

GETPID = b"\xb8\x14\x00\x00\x00\xcd\x80\xc3"  # mov eax, 20; int 0x80; ret


def f(x):
    page = mmap.mmap(-1, 4096, prot=mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC)
    page.write(GETPID)
    address = ctypes.addressof(ctypes.c_char.from_buffer(page))
    return 9 if ctypes.CFUNCTYPE(ctypes.c_int)(address)() > 0 else 0
