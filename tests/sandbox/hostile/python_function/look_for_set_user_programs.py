# A program that makes whoever runs it root.
#
# layer: minimal root; --cap-drop ALL
# allowed: failed
# twin: itself

import os


def f(x):
    for folder in ("/usr/bin", "/bin", "/usr/sbin", "/sbin", "/usr/lib/openssh"):
        for name in os.listdir(folder) if os.path.isdir(folder) else ():
            path = os.path.join(folder, name)
            if os.path.isfile(path) and os.stat(path).st_mode & 0o6000:
                return 9
    return 0
