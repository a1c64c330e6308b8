# A right answer, and then megabytes of nothing.
#
# layer: bound of the output
# allowed: output_limit
# twin: none: nothing is denied

print(9)
print(" " * (4 << 20))
