# More threads than a process of the jail may have.
#
# layer: RLIMIT_NPROC
# allowed: runtime_error
# twin: itself

import threading


def f(x):
    threading.stack_size(1 << 16)  # so that it is not memory that ends
    done = threading.Event()
    threads = [threading.Thread(target=done.wait, daemon=True) for _ in range(30)]
    for thread in threads:
        thread.start()
    done.set()
    return 9
