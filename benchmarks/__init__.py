"""Side-by-side speed measurements. Each case is a ratio of two figures from one run."""
