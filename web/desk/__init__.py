"""The notification desk: what was sent, what failed, what waits, and why."""
