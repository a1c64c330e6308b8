# The environment where libc keeps it, whatever Python made of it.
#
# layer: a clean environment when the zygote starts
# allowed: failed
# twin: itself

import ctypes

libc = ctypes.CDLL(None)
libc.getenv.restype = ctypes.c_char_p


def f(x):
    names = (b"MLFLOW_TRACKING_PASSWORD", b"HF_TOKEN", b"AWS_SECRET_ACCESS_KEY", b"RAY_AUTH_TOKEN")
    return 9 if any(libc.getenv(name) for name in names) else 0
