"""The centre: the incident, its story, its duties, its levels and its live picture."""
