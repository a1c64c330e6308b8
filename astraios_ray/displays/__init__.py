"""What a running study shows: a panel, lines, JSON or nothing. Writes to a stream, never to the result's."""
