# A value that somebody else must run.
#
# layer: peer: a coroutine stays on its side
# allowed: failed
# twin: none: nothing is denied

async def f(x):
    return 9
