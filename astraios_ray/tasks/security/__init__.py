"""Judge whether programs that compile have the weakness of their scenario."""
