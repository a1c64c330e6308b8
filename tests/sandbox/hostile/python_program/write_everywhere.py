# Any of them will do.
#
# layer: --remount-ro / and /dev; mount namespace
# allowed: failed
# twin: itself

import os

done = []
for folder in ("/", "/dev/shm", "/usr", "/etc", "/var/tmp", "/root", "/home", "/run"):
    try:
        open(folder + "/astraios-canary", "w").close()
        os.unlink(folder + "/astraios-canary")
        done.append(folder)
    except OSError:
        pass
print(9 if done else 0)
