"""The seats as a telephone exchange tells of them: Asterisk's manager interface (AMI)."""
