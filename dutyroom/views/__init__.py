"""Views of the duty room: door, form, one action, render."""
