"""What belongs to one benchmark: its rows, prompts, checks and figures."""
