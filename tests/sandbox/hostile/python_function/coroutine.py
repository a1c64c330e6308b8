# A value that somebody else must run.
#
# layer: wire: plain values only
# allowed: failed
# twin: none: nothing is denied

async def f(x):
    return 9
