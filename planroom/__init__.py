"""Reading, trying and changing the plans: what people do with the law outside an incident."""
