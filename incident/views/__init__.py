"""Views of the incident app: door, form, one action or one query object, render."""
