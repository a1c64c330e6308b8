# Somewhere there must be somebody who believes it.
#
# layer: no descriptor but its own three
# allowed: failed
# twin: none: nothing is denied

import os

for descriptor in range(3, 256):
    try:
        os.write(descriptor, b"\x00\x00\x00\x06passed")
    except OSError:
        pass
