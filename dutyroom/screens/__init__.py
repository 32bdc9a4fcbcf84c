"""One query object a screen of the duty room."""
