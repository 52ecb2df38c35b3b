"""Channels that carry a finished message to a person. Knows nothing of plans."""
