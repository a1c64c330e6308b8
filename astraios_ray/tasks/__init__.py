"""The parts of the benchmarks: rows, prompts, checks and figures."""
