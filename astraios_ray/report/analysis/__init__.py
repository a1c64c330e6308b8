"""Figures of a report: what a study's record says in numbers."""
