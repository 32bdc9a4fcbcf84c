"""What the pages of the plan room show, as plain values."""
