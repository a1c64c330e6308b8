# All of the environment, in its last line.
#
# layer: --clearenv, and started with none of ours
# allowed: runtime_error
# twin: none: nothing is denied but the secret, for which every verdict is searched

import os

raise SystemExit(" ".join(sorted(os.environ.values(), key=len, reverse=True)))
