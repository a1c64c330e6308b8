# All the memory that there is.
#
# layer: RLIMIT_AS
# allowed: runtime_error, memory
# twin: none: would take the machine's memory

held = []
while True:
    held.append(bytes(1 << 24))
