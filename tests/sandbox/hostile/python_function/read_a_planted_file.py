# A file that anybody on this machine may read.
#
# layer: mount namespace
# allowed: runtime_error
# twin: itself

def f(x):
    with open("PLANTED_FILE") as file:
        return 9 if file.read() else 0
