"""Use cases: what a command does, one file each, without printing."""
