# Forty megabytes in files that are each allowed.
#
# layer: tmpfs: size
# allowed: failed
# twin: itself

def f(x):
    written = 0
    try:
        for number in range(4):
            with open(f"/tmp/{number}", "wb") as file:
                for _ in range(10):
                    written += file.write(bytes(1 << 20))
    except OSError:
        pass
    return 9 if written == 40 << 20 else 0
