"""Where the numbers of a study are kept for people to look at."""
