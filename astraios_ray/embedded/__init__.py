"""The embedded default: programs, rows and problems as text, made from a seed."""
