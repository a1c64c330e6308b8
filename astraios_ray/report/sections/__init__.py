"""The parts of a report: each answers one question in sentences, tables and plain values."""
