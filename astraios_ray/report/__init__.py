"""The report of a study: figures, the sentences about them, and the pages that show both."""
