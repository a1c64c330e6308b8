"""Landlock: give up access to the file system, to TCP and to other processes for good.

Rights and structures as in linux/landlock.h. ABI 6 (Linux 6.12) is the first that restricts signals and
abstract sockets; an older one is not used.
"""

import ctypes
import os
import struct
from collections.abc import Collection, Sequence

OLDEST_ABI = 6

_CREATE, _ADD, _RESTRICT = 444, 445, 446  # system calls, the same on every processor
_VERSION_FLAG, _PATH_BENEATH = 1, 1
_EXECUTE, _READ_FILE, _READ_DIR = 1, 4, 8
_ALL_FILES = (1 << 16) - 1  # ABI 5
_ALL_TCP = 3  # bind, connect
_SCOPES = {"abstract sockets": 1, "signals": 2}
WALLS = ("files", "TCP", *_SCOPES)

_libc = ctypes.CDLL(None, use_errno=True)


def abi() -> int:
    """The Landlock version of this kernel; 0 when it has none."""
    return max(0, int(_libc.syscall(_CREATE, None, ctypes.c_size_t(0), _VERSION_FLAG)))


def restrict(readable: Sequence[str], walls: Collection[str]) -> None:
    """Raise these ``walls`` around this process: only ``readable`` paths are read and run, none is written.

    Needs no_new_privs. Raises OSError.
    """
    rights = (
        _ALL_FILES if "files" in walls else 0,
        _ALL_TCP if "TCP" in walls else 0,
        sum(scope for name, scope in _SCOPES.items() if name in walls),
    )
    if not any(rights):
        return
    attributes = ctypes.create_string_buffer(struct.pack("QQQ", *rights), 24)
    rules = _checked(_libc.syscall(_CREATE, attributes, ctypes.c_size_t(24), 0))
    if "files" in walls:
        _allow_reading(rules, readable)
    _checked(_libc.syscall(_RESTRICT, rules, 0))
    os.close(rules)


def _allow_reading(rules: int, readable: Sequence[str]) -> None:
    for path in readable:
        beneath = os.open(path, os.O_PATH | os.O_CLOEXEC)
        rights = _EXECUTE | _READ_FILE | (_READ_DIR if os.path.isdir(path) else 0)
        rule = ctypes.create_string_buffer(struct.pack("<Qi", rights, beneath), 12)
        _checked(_libc.syscall(_ADD, rules, _PATH_BENEATH, rule, 0))
        os.close(beneath)


def _checked(result: int) -> int:
    if result < 0:
        code = ctypes.get_errno()
        raise OSError(code, f"landlock: {os.strerror(code)}")
    return int(result)
