"""The page that a unit opens from a reminder, without a password: what it owes, and its answers."""
