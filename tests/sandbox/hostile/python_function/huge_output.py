# A function has nobody who reads what it prints. Right, so it counts.
#
# layer: output is /dev/null
# allowed: passed
# twin: none: nothing is denied

def f(x):
    for _ in range(100):
        print("x" * 1000000)
    return x * x
