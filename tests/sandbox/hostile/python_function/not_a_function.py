# A name that is bound to a number.
#
# layer: the candidate asks for something callable
# allowed: no_entry
# twin: none: nothing is denied

f = 9
