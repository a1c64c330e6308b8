# Their passwords.
#
# layer: mount namespace: no /etc
# allowed: runtime_error
# twin: itself, as root

def f(x):
    with open("/etc/shadow", "rb") as file:
        return 9 if file.read() is not None else 0
