"""Rules for weaknesses of Python programs, on Python's own syntax tree; one weakness per file."""
