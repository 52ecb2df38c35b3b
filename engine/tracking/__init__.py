"""What each assignment owes and how it stands: expansion, events, facts. Pure."""
