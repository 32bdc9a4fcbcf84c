"""Commands of staffing."""
