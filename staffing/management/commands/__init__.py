"""Commands of staffing, one a module."""
