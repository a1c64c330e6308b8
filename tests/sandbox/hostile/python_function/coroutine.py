# A value that somebody else must run.
#
# layer: peer: an object of another type stays on its side
# allowed: unsupported_value
# twin: none: nothing is denied

async def f(x):
    return 9
