# Any of them will do.
#
# layer: mount namespace
# allowed: failed
# twin: itself

found = []
for path in ("/etc/passwd", "/etc/hostname", "/proc/self/environ", "/proc/1/cmdline", "PLANTED_FILE"):
    try:
        with open(path, "rb") as file:
            found.append(file.read())
    except OSError:
        pass
print(9 if found else 0)
