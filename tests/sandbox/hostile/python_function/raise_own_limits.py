# Whatever limit can be raised is none.
#
# layer: rlimits are hard, and no capability raises them
# allowed: failed
# twin: itself, as root

import resource

BOUNDED = [
    getattr(resource, f"RLIMIT_{name}")
    for name in ("CORE", "CPU", "MEMLOCK", "MSGQUEUE", "NOFILE", "NPROC", "FSIZE", "STACK", "AS")
]


def f(x):
    for kind in BOUNDED:
        soft, hard = resource.getrlimit(kind)
        try:
            resource.setrlimit(kind, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
        except (OSError, ValueError):
            continue
        resource.setrlimit(kind, (soft, resource.RLIM_INFINITY))
        return 9
    return 0
