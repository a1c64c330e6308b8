# An error that clears the screen of whoever reads it.
#
# layer: details are made printable
# allowed: runtime_error
# twin: none: nothing is denied

raise SystemExit("\x1b[2J\x1b]0;mine\x07\x00\ud800")
