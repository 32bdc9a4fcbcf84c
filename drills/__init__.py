"""Rehearsal on the same engine: scenarios, injects, the compressed clock, scoring."""
