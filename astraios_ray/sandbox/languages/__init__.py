"""Languages whose functions are judged by unit tests: one file each, listed in registry.py."""
