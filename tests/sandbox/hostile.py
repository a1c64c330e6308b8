"""Programs that mean harm, as data. Each is to compute ``f(3) == 9`` and tries something else.

``allowed`` is the contract: how it may end. PASSED is among it only where the answer is really right and
the attempt must fail silently. ``layer`` says what stops it. ``free``: run without any sandbox, the program
returns 9 because its attempt succeeds, which proves that the attempt is a real one.
"""

from dataclasses import dataclass
from textwrap import dedent

from astraios_ray.records import Outcome

PASSED, FAILED, LOAD_ERROR, RUNTIME_ERROR = (
    Outcome.PASSED,
    Outcome.FAILED,
    Outcome.LOAD_ERROR,
    Outcome.RUNTIME_ERROR,
)
EARLY_EXIT, CRASH, SECURITY, PROTOCOL = Outcome.EARLY_EXIT, Outcome.CRASH, Outcome.SECURITY, Outcome.PROTOCOL
TIMEOUT, CPU_TIMEOUT, TIMES = Outcome.TIMEOUT, Outcome.CPU_TIMEOUT, (Outcome.TIMEOUT, Outcome.CPU_TIMEOUT)
MEMORY, DISK_LIMIT = Outcome.MEMORY, Outcome.DISK_LIMIT


@dataclass(frozen=True)
class Hostile:
    name: str
    layer: str
    allowed: tuple[Outcome, ...]
    source: str
    free: bool = False


def _hostile(name: str, layer: str, allowed: tuple[Outcome, ...], source: str, free: bool = False) -> Hostile:
    return Hostile(name, layer, allowed, dedent(source), free)


def _function(body: str) -> str:
    return "def f(x):\n" + "\n".join("    " + line for line in dedent(body).strip().splitlines()) + "\n"


HOSTILE = (
    # --- processes and threads
    _hostile("fork", "seccomp: clone", (RUNTIME_ERROR,), _function("""
        import os
        child = os.fork()
        if child == 0:
            os._exit(0)
        os.waitpid(child, 0)
        return 9
        """), free=True),
    _hostile("fork bomb", "seccomp: clone", TIMES, _function("""
        import os
        while True:
            try:
                os.fork()
            except OSError:
                pass
        """)),
    _hostile("thread bomb", "RLIMIT_NPROC", (RUNTIME_ERROR, MEMORY, CRASH, *TIMES), _function("""
        import threading, time
        for _ in range(10000):
            threading.Thread(target=time.sleep, args=(60,)).start()
        return 9
        """)),
    _hostile("exec", "seccomp: execve", (RUNTIME_ERROR,), _function("""
        import os, sys
        os.execv(sys.executable, [sys.executable, "-c", "pass"])
        return 9
        """)),
    _hostile("subprocess", "seccomp: fork, exec", (RUNTIME_ERROR,), _function("""
        import subprocess, sys
        subprocess.run([sys.executable, "-c", "pass"], check=True)
        return 9
        """), free=True),
    _hostile("kill everything", "pid namespace", (CRASH, EARLY_EXIT, LOAD_ERROR), """
        import os
        os.kill(-1, 9)
        def f(x):
            return 9
        """),
    _hostile("kill init", "pid namespace", (PASSED,), """
        import os, signal
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGKILL, signal.SIGSTOP):
            os.kill(1, number)
        def f(x):
            return x * x
        """),
    _hostile("find other processes", "pid namespace", (FAILED,), _function("""
        import os
        found = []
        for pid in range(3, 500):
            try:
                os.kill(pid, 0)
                found.append(pid)
            except OSError:
                pass
        return 9 if found else 0
        """)),
    _hostile("a thread that outlives its function", "the namespace's end", (PASSED,), """
        import threading, time
        threading.Thread(target=time.sleep, args=(1000,), daemon=True).start()
        def f(x):
            return x * x
        """),
    # --- network
    _hostile("internet socket", "seccomp: socket", (RUNTIME_ERROR,), _function("""
        import socket
        socket.socket().close()
        return 9
        """), free=True),
    _hostile("unix socket", "seccomp: socket", (RUNTIME_ERROR,), _function("""
        import socket
        socket.socket(socket.AF_UNIX).close()
        return 9
        """), free=True),
    _hostile("netlink", "seccomp: socket", (RUNTIME_ERROR,), _function("""
        import socket
        socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 0).close()
        return 9
        """), free=True),
    _hostile("vsock", "seccomp: socket (no namespace holds it)", (RUNTIME_ERROR,), _function("""
        import socket
        socket.socket(socket.AF_VSOCK, socket.SOCK_STREAM).close()
        return 9
        """)),
    # --- files
    _hostile("read /etc/passwd", "mount namespace", (RUNTIME_ERROR,), _function("""
        return 9 if open("/etc/passwd").read() else 0
        """), free=True),
    _hostile("read the environment of a parent", "no /proc", (RUNTIME_ERROR,), _function("""
        return 9 if open("/proc/self/environ", "rb") else 0
        """), free=True),
    _hostile("read own memory by file", "no /proc", (RUNTIME_ERROR,), _function("""
        return 9 if open("/proc/self/mem", "rb") else 0
        """), free=True),
    _hostile("environment", "empty environment", (FAILED,), _function("""
        import os
        known = {"PATH", "HOME", "LANG", "LC_CTYPE", "PWD", "LD_LIBRARY_PATH"}
        return 9 if set(os.environ) - known - {"OMP_NUM_THREADS", "PYTHONHASHSEED"} else 0
        """), free=True),
    _hostile("write outside", "read-only root", (FAILED,), _function("""
        import os
        for folder in ("/", "/dev", "/dev/shm", "/usr", "/jail", "/etc", "/var/tmp", "/home"):
            try:
                open(folder + "/astraios-canary", "w").close()
                os.unlink(folder + "/astraios-canary")
                return 9
            except OSError:
                pass
        """), free=True),
    _hostile("fill the disk", "tmpfs size", (FAILED,), _function("""
        written = 0
        try:
            for number in range(100):
                with open(f"/tmp/{number}", "wb") as file:
                    for _ in range(10):
                        written += file.write(bytes(1 << 20))
        except OSError:
            pass
        return 9 if written > 40 << 20 else 0
        """)),
    _hostile("fill the inodes", "tmpfs nr_inodes", (FAILED,), _function("""
        try:
            for number in range(5000):
                open(f"/tmp/{number}", "w").close()
        except OSError:
            return number
        return 9
        """), free=True),
    _hostile("one huge file", "RLIMIT_FSIZE", (DISK_LIMIT, FAILED), _function("""
        import signal
        signal.signal(signal.SIGXFSZ, signal.SIG_DFL)
        with open("/tmp/big", "wb") as file:
            for _ in range(20):
                file.write(bytes(1 << 20))
        return 0
        """)),
    _hostile("run a program from /tmp", "tmpfs noexec, seccomp", (RUNTIME_ERROR,), _function("""
        import os, shutil, sys
        shutil.copy(sys.executable, "/tmp/python")
        os.chmod("/tmp/python", 0o755)
        os.execv("/tmp/python", ["python", "-c", "pass"])
        """)),
    _hostile("open descriptors without end", "RLIMIT_NOFILE", (RUNTIME_ERROR,), _function("""
        import os
        kept = [os.open("/dev/null", 0) for _ in range(200)]
        return 9 if kept else 0
        """), free=True),
    _hostile("leave something for the next", "fresh /tmp, fresh process", (PASSED,), """
        import math
        open("/tmp/left", "w").close()
        math.sqrt = None
        def f(x):
            return x * x
        """),
    _hostile("find what another left", "fresh /tmp, fresh process", (FAILED,), _function("""
        import math, os
        return 9 if os.listdir("/tmp") or math.sqrt is None else 0
        """)),
    # --- kernel
    _hostile("ptrace", "seccomp: deadly", (SECURITY,), _function("""
        import ctypes
        return 9 if ctypes.CDLL(None).ptrace(0, 0, 0, 0) == 0 else 0
        """), free=True),
    _hostile("new user namespace", "seccomp: deadly", (SECURITY,), _function("""
        import ctypes
        return 9 if ctypes.CDLL(None).unshare(0x10000000) == 0 else 0
        """), free=True),
    _hostile("mount", "seccomp: deadly", (SECURITY,), _function("""
        import ctypes
        return 9 if ctypes.CDLL(None).mount(b"none", b"/tmp", b"tmpfs", 0, None) == 0 else 0
        """)),
    _hostile("keyring", "seccomp: deadly (no namespace holds it)", (SECURITY,), _function("""
        import ctypes
        return 9 if ctypes.CDLL(None).syscall(250, 0, -3, 0) > 0 else 0
        """)),
    _hostile("io_uring", "seccomp: deadly", (SECURITY,), _function("""
        import ctypes
        ctypes.CDLL(None).syscall(425, 1, ctypes.create_string_buffer(120))
        return 9
        """), free=True),
    _hostile("lock a shared file", "seccomp: flock (side channel)", (RUNTIME_ERROR,), _function("""
        import fcntl, os, sys
        fcntl.flock(os.open(os.__file__, os.O_RDONLY), fcntl.LOCK_SH)
        return 9
        """), free=True),
    _hostile("32-bit system call", "seccomp: foreign architecture", (SECURITY, CRASH), _function("""
        import ctypes, mmap
        page = mmap.mmap(-1, 4096, prot=7)
        page.write(b"\\xb8\\x14\\x00\\x00\\x00\\xcd\\x80\\xc3")  # mov eax, getpid of i386; int 0x80; ret
        address = ctypes.addressof(ctypes.c_char.from_buffer(page))
        return 9 if ctypes.CFUNCTYPE(ctypes.c_int)(address)() > 0 else 0
        """)),
    # --- time and memory
    _hostile("endless loop", "RLIMIT_CPU", TIMES, _function("while True: pass")),
    _hostile("endless loop while loading", "RLIMIT_CPU", TIMES, "while True: pass"),
    _hostile("endless loop, deaf to signals", "RLIMIT_CPU, hard", TIMES, _function("""
        import signal
        for number in range(1, 65):
            try:
                signal.signal(number, signal.SIG_IGN)
            except (OSError, ValueError):
                pass
        while True: pass
        """)),
    _hostile("sleep", "wall clock", (TIMEOUT,), _function("import time; time.sleep(1000)")),
    _hostile("stop itself", "wall clock", (TIMEOUT,), _function("import os; os.kill(os.getpid(), 19)")),
    _hostile("memory bomb", "RLIMIT_AS", (MEMORY, *TIMES), _function("""
        held = []
        while True:
            held.append(bytes(1 << 24))
        """)),
    _hostile("memory bomb that shrugs", "RLIMIT_AS, RLIMIT_CPU", TIMES, _function("""
        held = []
        while True:
            try:
                held.append(bytes(1 << 24))
            except MemoryError:
                pass
        """)),
    _hostile("deep recursion", "RLIMIT_AS, RLIMIT_CPU", (RUNTIME_ERROR, CRASH, MEMORY, *TIMES), """
        import sys
        sys.setrecursionlimit(10 ** 9)
        def f(x):
            return f(x)
        """),
    _hostile("huge output", "no output but /dev/null", (PASSED, *TIMES), _function("""
        for _ in range(1000):
            print("x" * 1000000)
        return x * x
        """)),
    # --- forging a verdict
    _hostile("leave while loading", "two processes", (LOAD_ERROR,), "import sys\nsys.exit(0)\n"),
    _hostile("leave in the call", "two processes", (RUNTIME_ERROR,), _function("import sys; sys.exit(0)")),
    _hostile("leave at once while loading", "two processes", (EARLY_EXIT,), "import os\nos._exit(0)\n"),
    _hostile("leave at once in the call", "two processes", (EARLY_EXIT,), """
        import os
        def f(x):
            os._exit(0)
        """),
    _hostile("crash", "the kernel's wait status", (CRASH,), _function("""
        import ctypes
        ctypes.string_at(0)
        """)),
    _hostile("equal to everything", "plain values only", (FAILED,), """
        class All:
            def __eq__(self, other): return True
        def f(x):
            return All()
        """),
    _hostile("an integer equal to everything", "exact types only", (FAILED,), """
        class All(int):
            def __eq__(self, other): return True
        def f(x):
            return All(1)
        """),
    _hostile("a pickle that runs", "no pickle", (FAILED,), """
        class Bomb:
            def __reduce__(self): return (eval, ("9",))
        def f(x):
            return Bomb()
        """),
    _hostile("look for the test in frames", "the test is elsewhere", (FAILED,), _function("""
        import sys, gc
        frame, seen = sys._getframe(), []
        while frame:
            seen.append(str(frame.f_locals))
            frame = frame.f_back
        seen += [thing for thing in gc.get_objects() if isinstance(thing, str)]
        return 9 if any("f(3) ==" + " 9" in text for text in seen) else 0
        """)),
    _hostile("speak on every descriptor", "only the wall is there", (PROTOCOL, FAILED, TIMEOUT),
             _function("""
        import os
        for descriptor in range(3, 64):
            try:
                os.write(descriptor, b"\\x00\\x00\\x00\\x05passed")
            except OSError:
                pass
        return 0
        """)),
    _hostile("answer before being asked", "one answer per question", (FAILED, PROTOCOL), _function("""
        import os, struct
        os.write(3, b"\\xff\\xff\\xff\\xff")
        return 9
        """)),
    _hostile("nest without end", "depth of the wire", (RUNTIME_ERROR,), _function("""
        value = []
        value.append(value)
        return value
        """)),
    _hostile("a huge list", "size of the wire", (RUNTIME_ERROR, MEMORY, *TIMES), """
        def f(x):
            return [1] * 10 ** 7
        """),
    _hostile("patch the built-ins", "own process only", (FAILED, PROTOCOL, RUNTIME_ERROR), """
        import builtins
        builtins.AssertionError = Exception
        builtins.isinstance = lambda *_: True
        def f(x):
            return 0
        """),
    _hostile("an error with a lying name", "two processes", (RUNTIME_ERROR,), """
        class Passed(Exception):
            def __str__(self): raise KeyboardInterrupt
        Passed.__name__ = "SystemExit"
        def f(x):
            raise Passed
        """),
)  # fmt: skip
