# The process that runs the test has a /tmp of its own.
#
# layer: mount namespace
# allowed: passed
# twin: none: without a jail there is one /tmp
# test: assert f(3) == 9 and not __import__("os").listdir("/tmp")

def f(x):
    with open("/tmp/left", "w") as file:
        file.write("import os; os._exit(0)")
    return x * x
