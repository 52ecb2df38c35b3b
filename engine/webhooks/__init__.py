"""Webhooks out: other systems hear of events, signed, at least once, at addresses that may be called."""
