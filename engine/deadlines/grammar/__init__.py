"""Text of a time cell → tokens → a tree of what it says; no dates are worked out here."""
