"""What one worker does for a trial: train its leases, write its completions."""
