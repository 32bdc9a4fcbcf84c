"""Pages of the plan room: reading, trying out, changing."""
