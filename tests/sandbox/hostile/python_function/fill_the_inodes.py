# Files without content cost the kernel memory too.
#
# layer: tmpfs: nr_inodes
# allowed: failed
# twin: itself

def f(x):
    try:
        for number in range(2000):
            open(f"/tmp/{number}", "w").close()
    except OSError:
        return number
    return 9
