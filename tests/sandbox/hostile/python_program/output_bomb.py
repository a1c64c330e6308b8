# Gigabytes of an answer.
#
# layer: bound of the output
# allowed: output_limit
# twin: none: it never ends

while True:
    print("x" * 65536)
