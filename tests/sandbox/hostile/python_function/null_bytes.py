# Bytes that a file cannot hold.
#
# layer: compile
# allowed: load_error
# twin: none: it runs nowhere

exec("a\0b")
