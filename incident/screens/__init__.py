"""Query objects of the pages: one for each screen, a fixed number of queries each."""
