# Whatever is open beside its own three.
#
# layer: all descriptors are closed but three
# allowed: failed
# twin: none: nothing is denied

import os

found = []
for descriptor in range(3, 1024):
    try:
        os.fstat(descriptor)
        found.append(descriptor)
    except OSError:
        pass
print(9 if found else 0)
