"""What numbers allow to be said: plain arithmetic on numbers, nothing of trials or words."""
