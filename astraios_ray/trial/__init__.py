"""One trial's states on disk and how they change."""
