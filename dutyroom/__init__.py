"""The duty room: rosters, contacts, seats, call-outs and handovers as pages; above the incident, imported by nobody."""
