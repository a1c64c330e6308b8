# Nothing is bound.
#
# layer: the candidate asks for the name
# allowed: no_entry
# twin: none: nothing is denied

g = 9
