# Not Python at all.
#
# layer: compile
# allowed: load_error
# twin: none: it runs nowhere

Here is the function that you asked for:
