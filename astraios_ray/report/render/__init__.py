"""How a report is shown: page, Markdown, terminal, pictures."""
