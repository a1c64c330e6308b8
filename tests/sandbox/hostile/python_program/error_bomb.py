# Gigabytes of errors.
#
# layer: bound of the output
# allowed: output_limit
# twin: none: it never ends

import sys

while True:
    sys.stderr.write("x" * 65536)
