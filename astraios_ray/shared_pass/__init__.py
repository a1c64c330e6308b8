"""Several trials in one forward and backward pass over a base that they share."""
