"""Experiment tracking: keeps the figures of a study for people to look at."""
