"""Rules for weaknesses of C programs, over pycparser's syntax tree. One weakness a file."""
