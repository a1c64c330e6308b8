# More than is allowed, at once.
#
# layer: RLIMIT_AS
# allowed: runtime_error, memory
# twin: itself

print(9 if bytearray(600 << 20) else 0)
