"""The tree of a time cell → dates, rules, triggers."""
