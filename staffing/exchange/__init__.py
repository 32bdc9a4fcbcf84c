"""People, contacts and shifts in and out: tables as xlsx and CSV, shifts as calendar feeds."""
