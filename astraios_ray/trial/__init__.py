"""What one worker does for a trial: train its train_tasks, write its completions."""
