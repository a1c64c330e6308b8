"""The work of one worker for trials: training, and writing completions."""
