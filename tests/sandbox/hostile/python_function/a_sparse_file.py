# A file that is large and empty.
#
# layer: RLIMIT_FSIZE
# allowed: runtime_error, disk_limit
# twin: itself

def f(x):
    with open("/tmp/sparse", "wb") as file:
        file.truncate(1 << 36)
    return 9
