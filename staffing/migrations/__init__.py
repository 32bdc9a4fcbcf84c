"""Migrations of staffing."""
