# A source whose nesting breaks a compiler.
#
# layer: RLIMIT_AS, RLIMIT_STACK
# allowed: load_error, memory, crash, early_exit
# twin: none: it may crash the tests' own Python

eval("(" * 100000)
