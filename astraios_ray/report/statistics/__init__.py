"""Statistics of plain numbers; no module here knows trials or words."""
