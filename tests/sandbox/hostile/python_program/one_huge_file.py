# More in one file than is allowed.
#
# layer: RLIMIT_FSIZE
# allowed: runtime_error, disk_limit
# twin: itself

with open("/tmp/big", "wb") as file:
    for _ in range(20):
        file.write(bytes(1 << 20))
print(9)
