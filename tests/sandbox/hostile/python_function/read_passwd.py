# Who is on this machine.
#
# layer: mount namespace: no /etc
# allowed: runtime_error
# twin: itself

def f(x):
    with open("/etc/passwd", "rb") as file:
        return 9 if file.read() is not None else 0
