"""Sends what is queued and records how it went; picks up what a dead process left in flight.

``slots`` runs several attempts side by side; ``ledger`` records them, many in one commit, and marks what
goes out next; ``books`` is what it writes. ``verdict`` and ``breaker`` say what an answer means for the
message and for its channel.
"""
