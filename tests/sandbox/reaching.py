"""Hostile programs that reach for what is not theirs: processes, the network, files, the kernel."""

from tests.sandbox.attempt import (
    CRASH,
    DISK_LIMIT,
    EARLY_EXIT,
    FAILED,
    LOAD_ERROR,
    MEMORY,
    PASSED,
    RUNTIME_ERROR,
    SECURITY,
    TIMES,
    function,
    hostile,
)

REACHING = (
    # --- processes and threads
    hostile("fork", "seccomp: clone", (RUNTIME_ERROR,), function("""
        import os
        child = os.fork()
        if child == 0:
            os._exit(0)
        os.waitpid(child, 0)
        return 9
        """), free=True),
    hostile("fork bomb", "seccomp: clone", TIMES, function("""
        import os
        while True:
            try:
                os.fork()
            except OSError:
                pass
        """)),
    hostile("thread bomb", "RLIMIT_NPROC", (RUNTIME_ERROR, MEMORY, CRASH, *TIMES), function("""
        import threading, time
        for _ in range(10000):
            threading.Thread(target=time.sleep, args=(60,)).start()
        return 9
        """)),
    hostile("exec", "seccomp: execve", (RUNTIME_ERROR,), function("""
        import os, sys
        os.execv(sys.executable, [sys.executable, "-c", "pass"])
        return 9
        """)),
    hostile("subprocess", "seccomp: fork, exec", (RUNTIME_ERROR,), function("""
        import subprocess, sys
        subprocess.run([sys.executable, "-c", "pass"], check=True)
        return 9
        """), free=True),
    hostile("kill everything", "pid namespace", (CRASH, EARLY_EXIT, LOAD_ERROR), """
        import os
        os.kill(-1, 9)
        def f(x):
            return 9
        """),
    hostile("kill init", "pid namespace", (PASSED,), """
        import os, signal
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGKILL, signal.SIGSTOP):
            os.kill(1, number)
        def f(x):
            return x * x
        """),
    hostile("find other processes", "pid namespace", (FAILED,), function("""
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
    hostile("a thread that outlives its function", "the namespace's end", (PASSED,), """
        import threading, time
        threading.Thread(target=time.sleep, args=(1000,), daemon=True).start()
        def f(x):
            return x * x
        """),
    # --- network
    hostile("internet socket", "seccomp: socket", (RUNTIME_ERROR,), function("""
        import socket
        socket.socket().close()
        return 9
        """), free=True),
    hostile("unix socket", "seccomp: socket", (RUNTIME_ERROR,), function("""
        import socket
        socket.socket(socket.AF_UNIX).close()
        return 9
        """), free=True),
    hostile("netlink", "seccomp: socket", (RUNTIME_ERROR,), function("""
        import socket
        socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 0).close()
        return 9
        """), free=True),
    hostile("vsock", "seccomp: socket (no namespace holds it)", (RUNTIME_ERROR,), function("""
        import socket
        socket.socket(socket.AF_VSOCK, socket.SOCK_STREAM).close()
        return 9
        """)),
    # --- files
    hostile("read /etc/passwd", "mount namespace", (RUNTIME_ERROR,), function("""
        return 9 if open("/etc/passwd").read() else 0
        """), free=True),
    hostile("read the environment of a parent", "no /proc", (RUNTIME_ERROR,), function("""
        return 9 if open("/proc/self/environ", "rb") else 0
        """), free=True),
    hostile("read own memory by file", "no /proc", (RUNTIME_ERROR,), function("""
        return 9 if open("/proc/self/mem", "rb") else 0
        """), free=True),
    hostile("environment", "empty environment", (FAILED,), function("""
        import os
        known = {"PATH", "HOME", "LANG", "LC_CTYPE", "PWD", "LD_LIBRARY_PATH"}
        return 9 if set(os.environ) - known - {"OMP_NUM_THREADS", "PYTHONHASHSEED"} else 0
        """), free=True),
    hostile("write outside", "read-only root", (FAILED,), function("""
        import os
        for folder in ("/", "/dev", "/dev/shm", "/usr", "/jail", "/etc", "/var/tmp", "/home"):
            try:
                open(folder + "/astraios-canary", "w").close()
                os.unlink(folder + "/astraios-canary")
                return 9
            except OSError:
                pass
        """), free=True),
    hostile("fill the disk", "tmpfs size", (FAILED,), function("""
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
    hostile("fill the inodes", "tmpfs nr_inodes", (FAILED,), function("""
        try:
            for number in range(5000):
                open(f"/tmp/{number}", "w").close()
        except OSError:
            return number
        return 9
        """), free=True),
    hostile("one huge file", "RLIMIT_FSIZE", (DISK_LIMIT, FAILED), function("""
        import signal
        signal.signal(signal.SIGXFSZ, signal.SIG_DFL)
        with open("/tmp/big", "wb") as file:
            for _ in range(20):
                file.write(bytes(1 << 20))
        return 0
        """)),
    hostile("run a program from /tmp", "tmpfs noexec, seccomp", (RUNTIME_ERROR,), function("""
        import os, shutil, sys
        shutil.copy(sys.executable, "/tmp/python")
        os.chmod("/tmp/python", 0o755)
        os.execv("/tmp/python", ["python", "-c", "pass"])
        """)),
    hostile("open descriptors without end", "RLIMIT_NOFILE", (RUNTIME_ERROR,), function("""
        import os
        kept = [os.open("/dev/null", 0) for _ in range(200)]
        return 9 if kept else 0
        """), free=True),
    hostile("leave something for the next", "fresh /tmp, fresh process", (PASSED,), """
        import math
        open("/tmp/left", "w").close()
        math.sqrt = None
        def f(x):
            return x * x
        """),
    hostile("find what another left", "fresh /tmp, fresh process", (FAILED,), function("""
        import math, os
        return 9 if os.listdir("/tmp") or math.sqrt is None else 0
        """)),
    # --- kernel
    hostile("ptrace", "seccomp: deadly", (SECURITY,), function("""
        import ctypes
        return 9 if ctypes.CDLL(None).ptrace(0, 0, 0, 0) == 0 else 0
        """), free=True),
    hostile("new user namespace", "seccomp: deadly", (SECURITY,), function("""
        import ctypes
        return 9 if ctypes.CDLL(None).unshare(0x10000000) == 0 else 0
        """), free=True),
    hostile("mount", "seccomp: deadly", (SECURITY,), function("""
        import ctypes
        return 9 if ctypes.CDLL(None).mount(b"none", b"/tmp", b"tmpfs", 0, None) == 0 else 0
        """)),
    hostile("keyring", "seccomp: deadly (no namespace holds it)", (SECURITY,), function("""
        import ctypes
        return 9 if ctypes.CDLL(None).syscall(250, 0, -3, 0) > 0 else 0
        """)),
    hostile("io_uring", "seccomp: deadly", (SECURITY,), function("""
        import ctypes
        ctypes.CDLL(None).syscall(425, 1, ctypes.create_string_buffer(120))
        return 9
        """), free=True),
    hostile("lock a shared file", "seccomp: flock (side channel)", (RUNTIME_ERROR,), function("""
        import fcntl, os, sys
        fcntl.flock(os.open(os.__file__, os.O_RDONLY), fcntl.LOCK_SH)
        return 9
        """), free=True),
    hostile("32-bit system call", "seccomp: foreign architecture", (SECURITY, CRASH), function("""
        import ctypes, mmap
        page = mmap.mmap(-1, 4096, prot=7)
        page.write(b"\\xb8\\x14\\x00\\x00\\x00\\xcd\\x80\\xc3")  # mov eax, getpid of i386; int 0x80; ret
        address = ctypes.addressof(ctypes.c_char.from_buffer(page))
        return 9 if ctypes.CFUNCTYPE(ctypes.c_int)(address)() > 0 else 0
        """)),
)  # fmt: skip
