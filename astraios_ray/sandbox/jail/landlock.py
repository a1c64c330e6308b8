"""Landlock: give up access to the file system, to TCP and to other processes for good.

Rights and structures as in linux/landlock.h. ABI 6 (Linux 6.12) is the first that restricts signals and
abstract sockets; an older one is not used.
"""

import ctypes
import os
import struct
from collections.abc import Sequence

OLDEST_ABI = 6

_CREATE, _ADD, _RESTRICT = 444, 445, 446  # system calls, the same on every processor
_VERSION_FLAG, _PATH_BENEATH = 1, 1
_EXECUTE, _READ_FILE, _READ_DIR = 1, 4, 8
_ALL_FILES = (1 << 16) - 1  # ABI 5
_ALL_TCP = 3  # bind, connect
_ALL_SCOPES = 3  # abstract unix sockets, signals

_libc = ctypes.CDLL(None, use_errno=True)


def abi() -> int:
    """The Landlock version of this kernel; 0 when it has none."""
    return max(0, int(_libc.syscall(_CREATE, None, ctypes.c_size_t(0), _VERSION_FLAG)))


def restrict(readable: Sequence[str]) -> None:
    """Let only ``readable`` files and folders be read and run, and nothing be written, from here on.

    Needs no_new_privs. Raises OSError.
    """
    attributes = ctypes.create_string_buffer(struct.pack("QQQ", _ALL_FILES, _ALL_TCP, _ALL_SCOPES), 24)
    rules = _checked(_libc.syscall(_CREATE, attributes, ctypes.c_size_t(24), 0))
    for path in readable:
        beneath = os.open(path, os.O_PATH | os.O_CLOEXEC)
        rights = _EXECUTE | _READ_FILE | (_READ_DIR if os.path.isdir(path) else 0)
        rule = ctypes.create_string_buffer(struct.pack("<Qi", rights, beneath), 12)
        _checked(_libc.syscall(_ADD, rules, _PATH_BENEATH, rule, 0))
        os.close(beneath)
    _checked(_libc.syscall(_RESTRICT, rules, 0))
    os.close(rules)


def _checked(result: int) -> int:
    if result < 0:
        code = ctypes.get_errno()
        raise OSError(code, f"landlock: {os.strerror(code)}")
    return int(result)
