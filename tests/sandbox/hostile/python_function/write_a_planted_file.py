# A file that anybody on this machine may write.
#
# layer: mount namespace
# allowed: runtime_error
# twin: itself

def f(x):
    with open("PLANTED_FILE", "a") as file:
        file.write("was here")
    return 9
