"""From records to an answer."""
