"""Rules for weaknesses of Python programs, over Python's own syntax tree. One weakness a file."""
