# Forty megabytes in files that are each allowed.
#
# layer: tmpfs: size
# allowed: runtime_error
# twin: itself

for number in range(4):
    with open(f"/tmp/{number}", "wb") as file:
        for _ in range(10):
            file.write(bytes(1 << 20))
print(9)
